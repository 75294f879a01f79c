package diff

import (
	"encoding/json"
	"os"
	"testing"

	"veille/archive"
)

func TestSmoke(t *testing.T) {
	if os.Getenv("SMOKE") == "" {
		t.Skip()
	}
	if _, err := allRules(); err != nil {
		t.Fatal(err)
	}
	p := func(s string) archive.Block { return archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: s, Path: []string{"Art. 8"}} }
	a := &archive.Version{ID: 17, Lang: "en", Title: "Closed centres", Blocks: []archive.Block{p("“a few places out of a total capacity of 751,” says the Minister."), p("The Minister may detain a person for 30 days."), p("A moved paragraph of some words."), p("Something that stays put here.")}}
	b := &archive.Version{ID: 18, Lang: "en", Title: "Closed centres", Blocks: []archive.Block{p("A moved paragraph of some words."), p("“a few places out of a total capacity of 1145,” says the Minister."), p("The Minister must detain a person for 30 days. And more."), p("Something that stays put here.")}}
	c := Between(a, b)
	j, _ := json.MarshalIndent(c, "", " ")
	t.Log(string(j), c.ID(), c.Summary("en"), c.Summary("fr"), c.Summary("nl"), c.Summary("de"))
}
