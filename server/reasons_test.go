package server

import (
	"strings"
	"testing"

	"veille/index"
)

// TestReasons holds that whatever may be wrong with a search is said in every
// language of the pages, with the character.
func TestReasons(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range Langs {
		for _, code := range index.Reasons() {
			if key := "query." + code; tongues[lang].T(key) == key {
				t.Errorf("%s: there is no %q", lang, key)
			}
		}
	}
	p := point(tongues["fr"], "é colour:blue", &index.QueryError{Pos: 3, Code: "field", Args: []string{"colour", "a, b"}, Msg: "-"})
	if p.Character != 3 || p.Caret != "  ^" || !strings.HasPrefix(p.Message, "Il n’y a pas de champ colour. Les champs sont a, b.") {
		t.Errorf("%+v", p)
	}
}
