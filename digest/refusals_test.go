package digest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Whatever is refused is refused by a code that says what is wrong and what to do:
// nobody can write an error of a request that has none.
func TestEveryRefusalHasACode(t *testing.T) {
	files, used := gotoken.NewFileSet(), map[string]bool{}
	look := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			name, ok := n.Type.(*ast.Ident)
			if at := files.Position(n.Pos()); ok && name.Name == "RequestError" && at.Filename != "refusals.go" {
				t.Errorf("%s: a RequestError is made by refuse", at)
			}
		case *ast.CallExpr:
			name, ok := n.Fun.(*ast.Ident)
			if !ok || name.Name != "refuse" {
				return true
			}
			if lit, ok := n.Args[1].(*ast.BasicLit); ok {
				code, err := strconv.Unquote(lit.Value)
				if used[code] = true; err != nil || refusals[code][0] == "" || refusals[code][1] == "" {
					t.Errorf("%s: nothing is said of %q", files.Position(n.Pos()), code)
				}
			}
		}
		return true
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, look)
	}
	for code := range refusals {
		if !used[code] {
			t.Errorf("nothing is refused with %q", code)
		}
	}
}

func TestARefusalIsSaidInEnglish(t *testing.T) {
	err := refuse("topics", "topic", `a "weather" `+strings.Repeat("x", 100))
	if got := err.Error(); !strings.HasPrefix(got, `topics: there is no topic "a 'weather' xxx`) || !strings.HasSuffix(got, `x…"; use the ids listed on the subscription page`) || len(got) > 150 {
		t.Error(got)
	}
	want(t, "a measure", refuse("note", "note-long", "500").Error(), "note: the note is too long; use at most 500 characters")
	if slices.Contains(Refusals(), "hook-https") || !slices.Contains(Refusals(), "note-long") {
		t.Errorf("what readers may meet: %v", Refusals())
	}
}

// Of several lists that are too long the same one is named every time.
func TestTheFirstListThatIsTooLongIsNamed(t *testing.T) {
	w := start(t)
	r := Request{Email: "reader@example.org", Filter: Filter{Sources: many(101, "s"), Jurisdictions: many(101, "J"), Documents: many(101, "d")}}
	for range 50 {
		var wrong *RequestError
		if err := w.digest.Check(t.Context(), r); !errors.As(err, &wrong) || wrong.Field != "sources" || fmt.Sprint(wrong.Args) != "[100]" {
			t.Fatal(err)
		}
	}
}
