package source

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestShippedCatalogue lints the file that is shipped.
func TestShippedCatalogue(t *testing.T) {
	list, err := Load("../sources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	enabled := 0
	for _, s := range list.Sources {
		if s.Enabled {
			enabled++
		} else if s.Note == "" {
			t.Errorf("%s is off, and does not say why", s.ID)
		}
		for _, ref := range s.Addresses() {
			if got, err := list.Canonical(list.Address(ref, time.Now())); err != nil || !dated(ref.URL) && got != ref.URL {
				t.Errorf("%s: %s is not canonical: %s (%v)", s.ID, ref.URL, got, err)
			}
			if ref.Lang == "" && dated(ref.URL) && len(s.Sitemap) == 0 {
				t.Errorf("%s: %s has no language", s.ID, ref.URL)
			}
		}
		if s.Institution == "" || len(s.Name) == 0 {
			t.Errorf("%s lacks an institution or a name", s.ID)
		} else if list.Institutions[s.Institution] == nil {
			t.Errorf("%s is of %s, which has no name under institutions", s.ID, s.Institution)
		}
	}
	if len(list.Sources) < 80 || enabled < 80 {
		t.Errorf("%d sources, %d enabled, want at least 80", len(list.Sources), enabled)
	}
}

// TestSchema: the shipped file is as the schema says, and schema and
// documentation know every key that the loader knows.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../sources.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../sources.yaml")
	if err != nil {
		t.Fatal(err)
	}
	js, err := yaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(js)))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("the shipped file is not as sources.schema.json says: %v", err)
	}
}

// keys are the keys that the loader knows, read from its own code.
func keys(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{"document": true}
	for _, file := range []string{"load.go", "pages.go"} {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^\t+"([a-z_]+)": +(?:l\.|func)`).FindAllSubmatch(code, -1) {
			known[string(m[1])] = true
		}
	}
	if len(known) < 30 {
		t.Fatalf("found %d keys only: the pattern is broken", len(known))
	}
	return known
}

func TestEveryKeyIsDocumented(t *testing.T) {
	docs, err := os.ReadFile("../docs/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("../sources.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	for key := range keys(t) {
		if !strings.Contains(string(docs), "`"+key+"`") {
			t.Errorf("docs/sources.md does not explain `%s`", key)
		}
		if !strings.Contains(string(raw), `"`+key+`"`) {
			t.Errorf("sources.schema.json does not know %q", key)
		}
	}
}
