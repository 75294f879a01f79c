package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"veille/archive"
)

// A kind of page, and different addresses of it. page is whether a browser is
// asked how it shows it: not an archived copy, in which no script runs that could tell.
type kind struct {
	name string
	urls []string
	page bool
}

// known is what the addresses are made of.
type known struct {
	r        *rand.Rand
	pages    []*archive.Page
	first    time.Time
	versions map[archive.PageID][]*archive.Version
	blocks   map[archive.PageID][]int // that are long enough to be met again
	n        int
}

// kinds lists all kinds of pages. The longest documents are always among them.
func (b *bed) kinds(ctx context.Context) (out []kind, err error) {
	k, err := b.look(ctx)
	if err != nil {
		return nil, err
	}
	add := func(name string, page bool, address func(i int) string) {
		kd := kind{name: name, page: page}
		for i := range k.n {
			kd.urls = append(kd.urls, address(i))
		}
		out = append(out, kd)
	}
	words := func(i int) string { return url.QueryEscape(queries[i%len(queries)]) }
	day := func(i int) string {
		return k.first.AddDate(0, 0, 20+(i*1700)/k.n).Format(time.DateOnly)
	}
	k.lists(add, words, day)
	k.texts(add)
	// A phrase has no AND.
	phrase := func(i int) string { return strings.ReplaceAll(words(i), "+AND+", "+") }
	add("trace", true, func(i int) string { return "/trace?q=" + phrase(i) + k.nth(i) })
	add("figures", true, func(i int) string { return "/figures?q=" + phrase(i) + k.nth(i) })
	add("figures of a page", true, func(i int) string { return "/figures?url=" + url.QueryEscape(k.page(i).URL) })
	add("collate", true, func(i int) string { return "/collate?url=" + url.QueryEscape(k.page(i).URL) })
	add("topics", true, func(i int) string { return "/topics?ui=" + langs[i%4] + k.nth(i) })
	add("topic", true, func(i int) string { return "/topics/" + topics[i%len(topics)] + "?ui=" + langs[i/len(topics)%4] })
	add("sources", true, func(i int) string { return "/sources?ui=" + langs[i%4] + k.nth(i) })
	add("source", true, func(i int) string {
		return fmt.Sprintf("/source/publisher-%02d?ui=%s", i%publishers, langs[i/publishers%4])
	})
	add("subscribe", true, func(i int) string { return "/subscribe?query=" + words(i) + "&topics=" + topics[i%len(topics)] })
	add("feed of changes", false, func(i int) string {
		return fmt.Sprintf("/changes.atom?topic=%s&min_weight=%d", topics[i%len(topics)], i/22)
	})
	add("feed of a search", false, func(i int) string { return "/search.atom?q=" + words(i) + k.nth(i) })
	add("feed of a page", false, func(i int) string { return fmt.Sprintf("/page/%d.atom", k.page(i).ID) })
	add("feed of drift", false, func(i int) string { return fmt.Sprintf("/drift.atom?source=publisher-%02d", i%publishers) })
	add("API: changes", false, func(i int) string { return "/api/v1/changes?limit=20&since=" + day(i) })
	add("API: search", false, func(i int) string { return "/api/v1/search?limit=20&q=" + words(i) + k.nth(i) })
	add("citation", false, func(i int) string { return fmt.Sprintf("/cite/%d.json", k.version(i).ID) })
	return out, nil
}

// lists are the pages that choose among everything.
func (k *known) lists(add func(string, bool, func(int) string), words, day func(int) string) {
	senses := []string{"amount", "deadline", "modality", "exception", "xref", "remedy", "definition", "term"}
	add("home", true, func(i int) string { return "/?ui=" + langs[i%4] + k.nth(i) })
	add("home, older", true, func(i int) string { return fmt.Sprintf("/?before=%d", k.version(i).ID) })
	add("home, of a source", true, func(i int) string {
		return fmt.Sprintf("/?source=publisher-%02d&ui=%s", i%publishers, langs[i/publishers%4])
	})
	add("home, of a topic", true, func(i int) string { return "/?topic=" + topics[i%len(topics)] + "&ui=" + langs[i/len(topics)%4] })
	add("home, of a sense", true, func(i int) string {
		return "/?sense=" + senses[i%len(senses)] + "&lang=" + langs[i/len(senses)%4] + k.nth(i)
	})
	add("home, of a day", true, func(i int) string { return "/?since=" + day(i) + "&until=" + day(i) })
	add("home, everything", true, func(i int) string { return fmt.Sprintf("/?min_weight=0&before=%d", k.version(i).ID) })
	add("search", true, func(i int) string { return "/search?q=" + words(i) + k.nth(i) })
	add("search, as of a day", true, func(i int) string { return "/search?q=" + words(i) + "&as_of=" + day(i) })
	add("search, all times", true, func(i int) string { return "/search?past=1&q=" + words(i) + k.nth(i) })
	add("search, calendar", true, func(i int) string { return "/search?calendar=1&q=" + words(i) + k.nth(i) })
	add("search, filtered", true, func(i int) string {
		return "/search?q=" + words(i) + "&lang=" + langs[i%4] + "&topic=" + topics[i%len(topics)]
	})
}

// texts are the pages of documents and wordings.
func (k *known) texts(add func(string, bool, func(int) string)) {
	change := func(i int, view string) string {
		list := k.versions[k.page(i).ID]
		n := 1 + k.r.IntN(max(1, len(list)-1))
		if n >= len(list) {
			return fmt.Sprintf("/change/0..%d%s", list[0].ID, view)
		}
		return fmt.Sprintf("/change/%d..%d%s", list[n-1].ID, list[n].ID, view)
	}
	add("document", true, func(i int) string { return fmt.Sprintf("/page/%d", k.page(i).ID) })
	add("version", true, func(i int) string { return fmt.Sprintf("/v/%d", k.version(i).ID) })
	add("archived copy", false, func(i int) string {
		v := k.version(i)
		return "/web/" + v.Time.Format("20060102150405") + "/" + v.URL
	})
	add("change", true, func(i int) string { return change(i, "") })
	add("change, side by side", true, func(i int) string { return change(i, "?view=side") })
	add("change, whole text", true, func(i int) string { return change(i, "?view=full") })
	add("change, first to last", true, func(i int) string {
		list := k.versions[k.page(i).ID]
		return fmt.Sprintf("/change/%d..%d", list[0].ID, list[len(list)-1].ID)
	})
	add("blame", true, func(i int) string { return fmt.Sprintf("/v/%d/blame", k.version(i).ID) })
	add("biography", true, func(i int) string { return k.passage(i, "passage") })
	add("reuse", true, func(i int) string { return k.passage(i, "reuse") })
}

var queries = []string{"detention", "suspensive effect", "\"return hub\"", "délai de départ volontaire", "gesloten centrum", "Fluchtgefahr", "appeal AND days", "interdiction d’entrée",
	"rechtsbijstand OR tolk", "best interests of the child", "return decision", "Rückkehrzentrum", "fin* administrative", "fundamental NEAR/5 monitoring", "opvang", "reception conditions", "amende", "\"minderjarige kinderen\"",
	"Commission", "Haft", "recours", "medical staff removal"}

// nth makes the i-th address another, so that none is asked for twice.
func (k *known) nth(i int) string { return fmt.Sprintf("&offset=%d", i/22) }

// page is the i-th page of those looked at, the longest documents first.
func (k *known) page(i int) *archive.Page { return k.pages[i%len(k.pages)] }

// version is one of its versions.
func (k *known) version(i int) *archive.Version {
	list := k.versions[k.page(i).ID]
	return list[k.r.IntN(len(list))]
}

// passage is an address of a paragraph of a page as it stands.
func (k *known) passage(i int, what string) string {
	p := k.page(i)
	list := k.blocks[p.ID]
	return fmt.Sprintf("/v/%d/%s/b%d", p.Latest, what, list[k.r.IntN(len(list))])
}

// look reads what the addresses are made of in the archive.
func (b *bed) look(ctx context.Context) (k *known, err error) {
	a, err := archive.Open(b.data(), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	k = &known{r: rand.New(rand.NewPCG(9, 0)), versions: map[archive.PageID][]*archive.Version{}, blocks: map[archive.PageID][]int{}, n: b.urls}
	add := func(n int) error {
		p, err := a.Page(ctx, pagesOf(n)[0].url)
		if err != nil {
			return err
		}
		list, err := a.History(ctx, p.ID)
		if err != nil {
			return err
		}
		v, err := a.Version(ctx, p.Latest)
		if err != nil {
			return err
		}
		for i := range v.Blocks {
			if b := &v.Blocks[i]; b.Role == archive.Main && b.Kind == archive.Paragraph && len(b.Text) > 150 {
				k.blocks[p.ID] = append(k.blocks[p.ID], i)
			}
		}
		k.pages, k.versions[p.ID], k.first = append(k.pages, p), list, list[0].Time
		return nil
	}
	for n := 7; n < b.documents && len(k.pages) < b.urls/8; n += 100 { // see newDocument
		if err := add(n); err != nil {
			return nil, err
		}
	}
	for len(k.pages) < b.urls {
		if err := add(k.r.IntN(b.documents)); err != nil {
			return nil, err
		}
	}
	return k, nil
}
