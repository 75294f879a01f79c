package main

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"veille/archive"
	"veille/extract"
	"veille/source"
	"veille/thesaurus"
)

// snippet is an entry for sources.yaml that watches the page: `veille check`
// takes it as it is. What no page says – kind, jurisdiction, topics – is
// guessed from the address and the words of the text, and marked so.
func snippet(d *tryDoc, list *source.List) (string, error) {
	address := d.URL
	if d.FinalURL != "" && d.Class == archive.Content {
		address = d.FinalURL
	}
	address, err := list.Canonical(address)
	if err != nil {
		return "", nil // a rule of sources.yaml refuses it: there is nothing to paste
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	topics, err := topicsOf(d)
	if err != nil {
		return "", err
	}
	kind, jurisdiction := publisherOf(u.Hostname())
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "  "+format+"\n", args...) }
	line("- id: %s", freeID(u, jurisdiction, list))
	line("  name: %s", quote(nameOf(d, u)))
	line("  institution: %s # guessed", institution(u.Hostname()))
	line("  kind: %s # guessed", kind)
	line("  jurisdiction: %s # guessed", jurisdiction)
	line("  topics: [%s] # guessed; docs/sources.md lists them", strings.Join(topics, ", "))
	line("  schedule: \"@every 6h\"")
	line("  pages:")
	line("    - {%s}", strings.Join(twinsIn(d, address, list), ", "))
	switch {
	case d.Kind == extract.KindScript:
		line("  render: js # the page has no text without a browser")
	case d.Class != archive.Content:
		line("  enabled: false")
		line("  note: %s", quote(fmt.Sprintf("not watched: %s. %s", d.Class, d.Reason)))
	}
	for _, f := range d.Feeds {
		if c, err := list.Canonical(f); err == nil {
			line("  # feed: %s", quote(c))
		}
	}
	return b.String(), nil
}

// quote writes a text as a YAML string in double quotes, which JSON's are.
func quote(s string) string { return strconv.QuoteToGraphic(s) }

// twinsIn are the page and its twins as entries of a mapping, its own language
// first. A twin on an address that a source names already is left out.
func twinsIn(d *tryDoc, address string, list *source.List) []string {
	own := d.Lang
	if !slices.Contains(source.Languages, own) {
		own = "en"
	}
	out := []string{own + ": " + quote(address)}
	for _, lang := range source.Languages {
		twin, err := list.Canonical(d.Twins[lang])
		if lang == own || err != nil || twin == address || list.Claim(twin) != nil {
			continue
		}
		out = append(out, lang+": "+quote(twin))
	}
	return out
}

func nameOf(d *tryDoc, u *url.URL) string {
	name := strings.Join(strings.Fields(d.Title), " ")
	if name == "" {
		return u.Hostname()
	}
	if r := []rune(name); len(r) > 80 {
		name = strings.TrimSpace(string(r[:80])) + "…"
	}
	return name
}

var notInID = regexp.MustCompile(`[^a-z0-9]+`)

// institution is the name of a host without what all hosts have.
func institution(host string) string {
	labels := strings.Split(strings.TrimPrefix(host, "www."), ".")
	name := labels[0]
	if n := len(labels); n >= 2 && len(labels[n-1]) <= 4 {
		name = labels[max(0, n-2)]
		if (name == "gov" || name == "europa" || name == "fgov" || name == "belgium" || name == "coe" || name == "co") && n >= 3 {
			name = labels[n-3]
		}
	}
	name = strings.Trim(notInID.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if strings.Trim(name, "0123456789-") == "" {
		return "publisher" // an address in numbers
	}
	return name
}

// freeID makes an id of the publisher and the last words of the address that
// no source has yet.
func freeID(u *url.URL, jurisdiction string, list *source.List) string {
	words := strings.Split(strings.Trim(u.Path, "/"), "/")
	last := notInID.ReplaceAllString(strings.ToLower(words[len(words)-1]), "-")
	for _, ending := range []string{"-html", "-htm", "-php", "-aspx", "-pdf"} {
		last = strings.TrimSuffix(last, ending)
	}
	if len(last) > 30 {
		last = last[:30]
	}
	id := strings.ToLower(jurisdiction) + "-" + institution(u.Hostname())
	if last = strings.Trim(last, "-"); last != "" {
		id += "-" + last
	}
	id = strings.Trim(regexp.MustCompile(`-{2,}`).ReplaceAllString(id, "-"), "-")
	free := id
	for n := 2; list.Source(free) != nil; n++ {
		free = fmt.Sprintf("%s-%d", id, n)
	}
	return free
}

var (
	courtHost      = regexp.MustCompile(`court|curia|rvv-cce|consetat|juportal|echr|rechtspraak|cass|tribunal|justice\.gov`)
	parliamentHost = regexp.MustCompile(`parl|lachambre|dekamer|senate|senaat|bundestag|tweedekamer|europarl|oireachtas|folketing|ft\.dk`)
	gazetteHost    = regexp.MustCompile(`ejustice|moniteur|staatsblad|gazette|gesetze|legislation|legifrance|retsinformation|publications\.europa|eur-lex|normattiva|wetten`)
	governmentHost = regexp.MustCompile(`gov|fgov|belgium\.be|ibz|fedasil|rijksoverheid|gouv|bund\.de|bamf|bmi|minist|overheid|admin\.ch`)
)

// publisherOf guesses the kind and jurisdiction of a publisher by his host.
func publisherOf(host string) (kind, jurisdiction string) {
	switch {
	case courtHost.MatchString(host):
		kind = "court"
	case parliamentHost.MatchString(host):
		kind = "parliament"
	case gazetteHost.MatchString(host):
		kind = "gazette"
	case strings.HasSuffix(host, "europa.eu"):
		kind = "eu"
	case strings.HasSuffix(host, "coe.int") || strings.HasSuffix(host, "un.org") || strings.HasSuffix(host, ".int"):
		kind = "international"
	case governmentHost.MatchString(host):
		kind = "government"
	default:
		kind = "ngo"
	}
	country := strings.ToUpper(host[strings.LastIndexByte(host, '.')+1:])
	switch {
	case strings.HasSuffix(host, "europa.eu"):
		return kind, "EU"
	case strings.HasSuffix(host, ".int"), strings.HasSuffix(host, "un.org"):
		return kind, "INT"
	case country == "UK":
		return kind, "GB"
	case strings.HasSuffix(host, "rks-gov.net"):
		return kind, "XK"
	case country == "EU" || len(country) == 2 && source.Jurisdiction(country):
		return kind, country
	}
	return kind, "BE"
}

// topicsOf are at most two topics that the words of the main text name most,
// or "all".
func topicsOf(d *tryDoc) ([]string, error) {
	names, err := thesaurus.Load()
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for i := range d.Blocks {
		if d.Blocks[i].Role != archive.Main {
			continue
		}
		for _, m := range names.Find(d.Blocks[i].Text, d.Lang) {
			for _, id := range []string{m.Concept.ID, m.Concept.ID + "s"} {
				if source.TopicByID(id) != nil {
					counts[id]++
				}
			}
		}
	}
	var topics []string
	for range 2 {
		best := ""
		for id, n := range counts {
			if n > counts[best] || n == counts[best] && id < best {
				best = id
			}
		}
		if best == "" {
			break
		}
		topics = append(topics, best)
		delete(counts, best)
	}
	if len(topics) == 0 {
		topics = []string{"all"}
	}
	return topics, nil
}
