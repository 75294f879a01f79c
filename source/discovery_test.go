package source

import (
	"strings"
	"testing"
)

const discovering = `
hosts: {"publications.europa.eu": {min_delay: 1s}}
sources:
  - id: s
    kind: eu
    jurisdiction: EU
    topics: [dublin]
    discover:
      DISCOVER
`

func discoverWith(t *testing.T, yaml string) (*Source, error) {
	t.Helper()
	list, err := Parse("sources.yaml", []byte(strings.ReplaceAll(discovering, "DISCOVER", yaml)))
	if err != nil {
		return nil, err
	}
	return list.Source("s"), nil
}

// TestDiscover: the query becomes part of the address that is asked.
func TestDiscover(t *testing.T) {
	s, err := discoverWith(t, `- {as: sparql, from: "https://publications.europa.eu/webapi/rdf/sparql", query: "SELECT ?celex WHERE { ?w ?p ?celex }", page: {en: "http://publications.europa.eu/resource/celex/{celex}.ENG"}}`)
	if err != nil {
		t.Fatal(err)
	}
	d := s.Discover[0]
	if want := "https://publications.europa.eu/webapi/rdf/sparql?format=application%2Fsparql-results%2Bjson&query=SELECT+%3Fcelex+WHERE+%7B+%3Fw+%3Fp+%3Fcelex+%7D"; d.From[0].URL != want {
		t.Errorf("asks %s\nwant  %s", d.From[0].URL, want)
	}
	if !s.Finds() || len(s.Addresses()) != 1 {
		t.Errorf("the source finds %v, names %v", s.Finds(), s.Addresses())
	}
	for value, want := range map[string]string{"32008L0115": "http://publications.europa.eu/resource/celex/32008L0115.ENG", "a b?": "http://publications.europa.eu/resource/celex/a%20b%3F.ENG", "": "", "../x": ""} {
		if got := d.Page[0].Fill(map[string]string{"celex": value}); got != want {
			t.Errorf("Fill(%q) = %q, want %q", value, got, want)
		}
	}
}

// TestDiscoverMistakes: each is named, with what to do.
func TestDiscoverMistakes(t *testing.T) {
	for yaml, want := range map[string]string{
		`- {from: "https://example.org/"}`:                                                          "does not say what the answer is",
		`- {as: govuk}`:                                                                             "has no address",
		`- {as: gov, from: "https://example.org/"}`:                                                 `"gov" is unknown; did you mean "govuk"?`,
		`- {as: sparql, from: "https://example.org/"}`:                                              "asks nothing",
		`- {as: govuk, from: "https://example.org/", query: x}`:                                     "takes no query",
		`- {as: hudoc, from: "https://example.org/", page: "https://example.org/x"}`:                "a name in braces",
		`- {as: hudoc, from: "ftp://example.org/"}`:                                                 "bad URL",
		`- {as: hudoc, from: "https://example.org/", pages: x}`:                                     `no key "pages"`,
		`- {as: sparql, from: "https://example.org/", query: "` + strings.Repeat("x ", 1600) + `"}`: "longer than 3000 bytes",
	} {
		_, err := discoverWith(t, yaml)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n gives %v\n want %q", yaml, err, want)
		}
	}
}
