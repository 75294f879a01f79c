package crawler

import (
	"fmt"
	"slices"

	"veille/archive"
)

// maxChoices is the most parts of one document that are fetched.
const maxChoices = 20

// choices queues the parts of a document that the server answered with 300
// (RFC 9110 §15.4.1): CELLAR lists so the streams of an act of several, such
// as a proposal and its annexes. They become pages of the same language; with
// the next 300 they are looked at again.
func (l *line) choices(address string) {
	j := l.visit.job
	if j.source == nil { // a page that is only tried
		return
	}
	links, _, err := htmlLinks("")(address, l.visit.body, l.visit.header.Get("Content-Type"))
	if err != nil {
		l.run.fail(j.source.ID, j.url, err.Error())
		return
	}
	var parts []string
	for _, k := range links {
		part, err := l.run.c.Sources.Canonical(k.url)
		if err == nil && part != j.url && hostOf(part) == hostOf(address) && mayLead(j.url, part) && !slices.Contains(parts, part) && len(parts) < maxChoices {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		l.run.fail(j.source.ID, j.url, fmt.Sprintf("%s offers several documents and names none", address))
		return
	}
	l.visit.notes["parts"] = fmt.Sprint(len(parts))
	for _, part := range parts {
		page, err := l.run.c.page(l.ctx, part)
		if err != nil {
			l.run.fail(j.source.ID, part, err.Error())
			return
		}
		l.enqueue(&job{source: j.source, url: part, lang: j.lang, page: page, news: j.news || page == nil && j.page != nil, purpose: archive.PurposePage})
	}
}
