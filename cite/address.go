package cite

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// addressSigns are parts of addresses of which one that leads to something
// citable has at least one.
var addressSigns = []string{"celex", "eli/", "eli%2f", "ecli", "uri=", "numac", "cn=", "nm=", "doi.org", "flwb", "hudoc", "curia", "oeil", "/st-", "doceo", "/arr", "const-court", "juportal"}

// An addressRule finds what an address of one publisher leads to. The host is
// that name or lies below it.
type addressRule struct {
	host string
	find *regexp.Regexp // in the address behind the host, decoded
	make func(m []string) string
}

// addressRules are for addresses that do not hold the number in a form in which
// texts cite it. What is made is such a form.
var addressRules = []addressRule{
	{"eur-lex.europa.eu", regexp.MustCompile(`(?i)uri=(?:uriserv:)?OJ[:.]([LC])_?[:.]?_?(202[3-9]|20[3-9]\d)[.]?0*(\d{1,5})(?:\.|$|&)`), func(m []string) string { return "OJ " + strings.ToUpper(m[1]) + ", " + m[2] + "/" + m[3] }},
	{"eur-lex.europa.eu", regexp.MustCompile(`(?i)uri=(?:uriserv:)?OJ:([LC]):(\d{4}):(\d{3}):(\d{4})`), func(m []string) string { return oldJournal(m[1], m[2], m[3], m[4]) }},
	{"eur-lex.europa.eu", regexp.MustCompile(`(?i)uri=(?:uriserv:)?OJ\.([LC])_?\.(\d{4})\.(\d{3})\.01\.(\d{4})`), func(m []string) string { return oldJournal(m[1], m[2], m[3], m[4]) }},
	{"ejustice.just.fgov.be", regexp.MustCompile(`(?i)[?&](?:numac(?:_search)?|nm)=((?:1[89]|20)\d{2}[0-9AB]\d{5})(?:&|$)`), func(m []string) string { return "numac " + m[1] }},
	{"ejustice.just.fgov.be", regexp.MustCompile(`(?i)[?&]cn=((?:1[789]|20)\d{2})(\d{2})(\d{2})(\d{2,3})(?:&|$)`), func(m []string) string { return m[1] + "-" + m[2] + "-" + m[3] + "/" + m[4] }},
	{"rvv-cce.be", regexp.MustCompile(`(?i)/arr/a(\d{1,6})\.`), func(m []string) string { return "RvV nr. " + m[1] }},
	{"raadvst-consetat.be", regexp.MustCompile(`(?i)(?:arr\.php\?(?:.*&)?nr=|/arr[a-z]*/(?:\d+/)*)(\d{3,6})(?:\.|&|$)`), func(m []string) string { return "RvS nr. " + m[1] }},
	{"const-court.be", regexp.MustCompile(`(?i)/public/[a-z]/(\d{4})/\d{4}-(\d{1,3})[a-z]?\.pdf`), func(m []string) string { return "ECLI:BE:GHCC:" + m[1] + ":ARR." + m[2] }},
	{"europarl.europa.eu", regexp.MustCompile(`(?i)/doceo/document/(A|B|RC)-(\d{1,2})-(20\d{2})-(\d{4})`), func(m []string) string {
		return strings.ReplaceAll(strings.ToUpper(m[1]), "RC", "RC-B") + m[2] + "-" + m[4] + "/" + m[3]
	}},
	{"europarl.europa.eu", regexp.MustCompile(`(?i)/doceo/document/TA-(\d{1,2})-(20\d{2})-(\d{4})`), func(m []string) string {
		return "P" + m[1] + "_TA(" + m[2] + ")" + m[3]
	}},
}

// publishers are hosts at which any number in an address says what it leads
// to. Elsewhere a number may be part of a name: only one that is called ELI,
// ECLI, CELEX or DOI counts.
var publishers = []string{"eur-lex.europa.eu", "data.europa.eu", "publications.europa.eu", "ejustice.just.fgov.be", "juportal.be", "curia.europa.eu", "infocuria.curia.europa.eu",
	"hudoc.echr.coe.int", "doi.org", "lachambre.be", "dekamer.be", "oeil.europarl.europa.eu", "europarl.europa.eu", "data.consilium.europa.eu", "e-justice.europa.eu",
	"rechtspraak.nl", "rvv-cce.be", "raadvst-consetat.be", "const-court.be"}

// OfAddress is what a web address leads to, if it is that of an act, judgment
// or document in the four corners of [Find]: EUR-Lex by CELEX or ELI, the
// Belgian gazette by ELI, NUMAC or dossier, a court's pages by their number.
// Start and End are 0. ok is false for any other address, relative ones among them.
func OfAddress(address string) (c Cite, ok bool) {
	lower := strings.ToLower(address)
	if len(address) > 2000 || !strings.HasPrefix(lower, "http") || !containsAny(lower, addressSigns) {
		return Cite{}, false
	}
	u, err := url.Parse(address)
	if err != nil {
		return Cite{}, false
	}
	plain, err := url.PathUnescape(address)
	if err != nil {
		plain = address
	}
	host := strings.ToLower(u.Hostname())
	for i := range addressRules {
		r := &addressRules[i]
		if m := r.find.FindStringSubmatch(plain); m != nil && below(host, r.host) {
			return first(Find(r.make(m)))
		}
	}
	known := false
	for _, p := range publishers {
		known = known || below(host, p)
	}
	var found []Cite
	for _, c := range Find(plain) {
		if known || c.Kind == ELI || c.Kind == ECLI || c.Kind == DOI || c.Kind == CELEX && strings.Contains(lower, "celex") {
			found = append(found, c)
		}
	}
	return first(found)
}

func oldJournal(series, year, issue, page string) string {
	n, _ := strconv.Atoi(issue)
	p, _ := strconv.Atoi(page)
	return fmt.Sprintf("OJ %s %s %d, p. %d", year, strings.ToUpper(series), n, p)
}

func first(found []Cite) (Cite, bool) {
	if len(found) == 0 {
		return Cite{}, false
	}
	c := found[0]
	c.Start, c.End = 0, 0
	return c, true
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// below reports whether a host is that domain or lies in it.
func below(host, domain string) bool {
	rest, ok := strings.CutSuffix(host, domain)
	return ok && (rest == "" || strings.HasSuffix(rest, "."))
}
