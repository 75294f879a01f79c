package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTheAPIGivesTheSameDocuments: what a command prints with --json is what
// the API answers, to the byte. Operations that no command repeats are listed.
func TestTheAPIGivesTheSameDocuments(t *testing.T) {
	l := newLived(t)
	page := l.site + "/en/closed-centres"
	same := []struct {
		path, query string
		args        []string
	}{
		{"search", "q=closed+centre&as_of=2100-01-01", []string{"search", "closed centre", "--as-of", "2100-01-01"}},
		{"search", "q=%22640+places%22&past=true&lang=en&sort=oldest&limit=3", []string{"search", `"640 places"`, "--past", "--lang", "en", "--sort", "oldest", "--limit", "3"}},
		{"changes", "min_weight=0&limit=5", []string{"changes", "--min-weight", "0", "--limit", "5"}},
		{"changes", "sense=amount&lang=nl&ui=de", []string{"changes", "--sense", "amount", "--lang", "nl", "--ui-lang", "de"}},
		{"diff", "url=" + page + "&from=1&to=16", []string{"diff", page, "--from", "1", "--to", "16"}},
		{"trace", "q=closed+centre*&lang=en", []string{"trace", "closed centre*", "--lang", "en"}},
		{"figures", "q=places&lang=en", []string{"figures", "places", "--lang", "en"}},
		{"drift", "days=30", []string{"drift", "--days", "30"}},
		{"blame", "url=" + page, []string{"blame", page}},
		{"passage", "url=" + page + "&block=b12", []string{"passage", page, "b12"}},
		{"collation", "url=" + page, []string{"collate", page}},
		{"reuse", "text=The+closed+centres+have+a+total+capacity+of+815+places.", []string{"reuse", "--text", "The closed centres have a total capacity of 815 places."}},
		{"cite", "version=16&block=13", []string{"cite", "16", "--block", "13", "--base-url", "{base}"}},
	}
	alone := make([]string, len(same))
	for i, c := range same {
		if !slices.Contains(c.args, "{base}") {
			alone[i] = l.run(append(c.args, "--json")...)
		}
	}
	cites := l.file("cite.json", "cite", "16", "--block", "13", "--json", "--base-url", "http://base.example")
	base := l.serve()
	asked := map[string]bool{}
	for i, c := range same {
		asked["/api/v1/"+c.path] = true
		code, got := fetch(t, base+"/api/v1/"+c.path+"?"+c.query)
		want := alone[i]
		if want == "" {
			b, err := os.ReadFile(cites)
			if err != nil {
				t.Fatal(err)
			}
			want = strings.ReplaceAll(string(b), "http://base.example", base)
			want = strings.ReplaceAll(want, `"archive": "base.example"`, `"archive": "`+strings.TrimPrefix(base, "http://")+`"`)
		}
		if d := cmp.Diff(untimed(want), untimed(got)); code != http.StatusOK || d != "" {
			t.Errorf("veille %s and /api/v1/%s?%s, status %d (-command +API)\n%.3000s", strings.Join(c.args, " "), c.path, c.query, code, d)
		}
	}
	apart := []string{"/api/v1/changes/{id}", "/api/v1/sources", "/api/v1/sources/{id}", "/api/v1/versions", "/api/v1/versions/{id}"}
	var api struct {
		OpenAPI string                                `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage `json:"paths"`
	}
	_, text := fetch(t, base+"/openapi.json")
	if err := json.Unmarshal([]byte(text), &api); err != nil || !strings.HasPrefix(api.OpenAPI, "3.1") {
		t.Fatalf("the description is %q, %v", api.OpenAPI, err)
	}
	for path, methods := range api.Paths {
		if _, get := methods["get"]; get && !asked[path] && !slices.Contains(apart, path) {
			t.Errorf("no command is held against %s: add one to this test, or list it as one of the API alone", path)
		}
	}
}

var (
	took = regexp.MustCompile(`"took_ms": [0-9.]+`)
	now  = regexp.MustCompile(`"at": "[^"]+"`) // up to which words are counted
)

// untimed is a document without how long it took and when it was asked for.
func untimed(doc string) string {
	return now.ReplaceAllString(took.ReplaceAllString(doc, `"took_ms": 0`), `"at": ""`)
}

// fenced are the blocks of code in a Markdown file, by their language.
func fenced(t *testing.T, file, lang string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?ms)^```"+lang+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		out = append(out, m[1])
	}
	return out
}

// TestExamplesOfTheAPI: the examples of docs/api.md do what they say, on the
// archive of a demonstration: by curl where it is there, and in any case by Go.
func TestExamplesOfTheAPI(t *testing.T) {
	l := newLived(t)
	base := l.serve()
	here := strings.NewReplacer("http://localhost:8080", base, "$SITE", l.site)
	curl, _ := exec.LookPath("curl")
	sh, _ := exec.LookPath("sh")
	ran := 0
	for _, block := range fenced(t, "../../docs/api.md", "") {
		for line := range strings.Lines(block) {
			line = strings.TrimSpace(line)
			m := regexp.MustCompile(`^curl (?:-\w+ )*(?:-o \S+ )?(?:'([^']+)'|"([^"]+)"|(\S+))$`).FindStringSubmatch(line)
			if m == nil {
				if strings.HasPrefix(line, "curl") {
					t.Errorf("this example cannot be tried; write `curl 'ADDRESS'`: %s", line)
				}
				continue
			}
			ran++
			res, err := http.Get(here.Replace(m[1] + m[2] + m[3]))
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || res.StatusCode != http.StatusOK || len(body) == 0 {
				t.Errorf("%s: %v, status %d, %.300s", line, err, res.StatusCode, body)
			}
			if strings.Contains(res.Header.Get("Content-Type"), "json") && !json.Valid(body) {
				t.Errorf("%s: this is no JSON: %.300s", line, body)
			}
			if curl == "" || sh == "" {
				continue
			}
			cmd := exec.CommandContext(t.Context(), sh, "-c", strings.Replace(here.Replace(line), "curl ", "curl -fsS ", 1))
			cmd.Dir = t.TempDir()
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%.500s", line, err, out)
			}
		}
	}
	if ran < 8 {
		t.Errorf("only %d examples were found", ran)
	}
	if curl == "" {
		t.Log("curl is not installed: its examples were asked by Go alone")
	}
	l.programs(here)
}

// programs compiles and runs the Go examples.
func (l *lived) programs(here *strings.Replacer) {
	l.t.Helper()
	tool, err := exec.LookPath("go")
	if err != nil {
		l.t.Skip("the Go tool is not installed")
	}
	programs := fenced(l.t, "../../docs/api.md", "go")
	if len(programs) == 0 {
		l.t.Error("there is no Go example")
	}
	for i, text := range programs {
		file := filepath.Join(l.t.TempDir(), fmt.Sprintf("example%d.go", i))
		if err := os.WriteFile(file, []byte(here.Replace(text)), 0o644); err != nil {
			l.t.Fatal(err)
		}
		out, err := exec.CommandContext(l.t.Context(), tool, "run", file).CombinedOutput()
		want := regexp.MustCompile(`(?m)^// prints: (.*)$`).FindStringSubmatch(text)
		if want == nil || err != nil || !regexp.MustCompile(want[1]).Match(out) {
			l.t.Errorf("example %d: %v, it prints\n%s\nwhich is not %q", i, err, out, want)
		}
	}
}
