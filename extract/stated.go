package extract

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What a page states about the act it shows, in the vocabularies of the
// European Legislation Identifier (Council conclusions 2012/C 325/02; ontology
// http://data.europa.eu/eli/ontology#) and of schema.org, as meta elements,
// RDFa, microdata or JSON-LD.

// statedDates are the properties whose value is a day of the page or its act,
// in small letters and without the name of their vocabulary. When an act was
// signed is none: its pages say something else of themselves.
var statedDates = map[string]func(m *meta, day string){
	"first_date_entry_in_force": func(m *meta, day string) { set(&m.inForce, day) },
	"date_applicability":        func(m *meta, day string) { set(&m.applies, day) },
	"legislationdateversion":    func(m *meta, day string) { set(&m.applies, day) },
	"date_publication":          func(m *meta, day string) { set(&m.published, day) },
	"datepublished":             func(m *meta, day string) { set(&m.published, day) },
	"datemodified":              func(m *meta, day string) { set(&m.updated, day) },
}

// vocabularies are the prefixes of properties that are looked at.
var vocabularies = []string{"eli:", "schema:", "http://data.europa.eu/eli/ontology#", "https://data.europa.eu/eli/ontology#", "http://schema.org/", "https://schema.org/"}

// statedName is a property's name without its vocabulary.
func statedName(property string) string {
	name := strings.ToLower(property)
	for _, v := range vocabularies {
		if rest, ok := strings.CutPrefix(name, v); ok {
			return rest
		}
	}
	return name
}

// states reads the properties of one element. value is what it says of them
// where no attribute does.
func (m *meta) states(n *html.Node, value func() string) {
	properties := attr(n, "property")
	if properties == "" {
		properties = attr(n, "itemprop")
	}
	for property := range strings.FieldsSeq(properties) {
		name := statedName(property)
		if name == "in_force" || name == "legislationlegalforce" {
			set(&m.force, legalForce(firstOf(attr(n, "resource"), attr(n, "content"), attr(n, "href"))))
			continue
		}
		if take := statedDates[name]; take != nil {
			if day := parseDate(firstOf(attr(n, "content"), attr(n, "datetime"), value())); day != "" {
				take(m, day)
			}
		}
	}
}

// states reads the properties in the body of the page.
func (p *page) states(m *meta) {
	for i := range p.nodes {
		n := p.nodes[i].n
		if n.Type != html.ElementNode || n.DataAtom == atom.Meta || p.nodes[i].text > maxTip || attr(n, "property") == "" && attr(n, "itemprop") == "" {
			continue
		}
		m.states(n, func() string { return p.textOf(int32(i)) })
	}
}

// ldStated matches such a property in JSON-LD, with its value or the first
// value in it.
var ldStated = regexp.MustCompile(`"(?:[a-z]+:|https?://[a-z.]+/(?:eli/ontology#)?)?([A-Za-z_]+)"\s*:\s*\[?\s*(?:\{[^{}"]*(?:"@type"\s*:\s*"[^"]*"\s*,\s*)?"@(?:value|id)"\s*:\s*)?"([^"]{2,100})"`)

// jsonLD reads what JSON-LD states.
func (m *meta) jsonLD(s string) {
	s = s[:min(len(s), 100_000)]
	for _, f := range ldStated.FindAllStringSubmatch(s, -1) {
		name := strings.ToLower(f[1])
		if name == "in_force" || name == "legislationlegalforce" {
			set(&m.force, legalForce(f[2]))
		} else if take := statedDates[name]; take != nil {
			if day := parseDate(f[2]); day != "" {
				take(m, day)
			}
		}
	}
}

// legalForce reads a value of eli:in_force or schema:legislationLegalForce:
// "in force", "partly in force", "not in force", "" if it is none.
func legalForce(value string) string {
	s := strings.ToLower(value)
	switch {
	case !strings.Contains(s, "inforce"):
		return ""
	case strings.Contains(s, "notinforce"):
		return "not in force"
	case strings.Contains(s, "partially"):
		return "partly in force"
	}
	return "in force"
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
