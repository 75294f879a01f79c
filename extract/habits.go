package extract

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"veille/archive"
)

// How much must have been seen before anything is learned, and how much of a
// page or its history must agree.
const (
	hostPages   = 40  // pages of a host that are looked at
	minShared   = 5   // pages that must share a text
	sharedShare = 0.6 // of the host's pages
	sureShare   = 0.8 // of the host's pages, for a text that the forest is sure of
	maxShared   = 400 // bytes of a text that can be chrome by being shared
	habitLooks  = 12  // latest captures of a page that are looked at
	minSteps    = 4   // of these, steps from one to the next that changed the text
	volatile    = 0.8 // share of the steps in which a volatile text changed
	maxVolatile = 240 // bytes of a text that can be volatile
)

// Habits are what the archive taught of a page: which texts it shares with the
// other pages of its host, and which change whenever one looks. They are
// computed from versions and captures alone, anew each time, and so learn with
// every capture, and unlearn. What stands in an article, annex or recital is
// never judged by them.
type Habits struct {
	shared  map[string]int // pages of the host that have a text, by its key
	pages   int            // pages of the host that were looked at
	moving  map[string]int // steps in which a text changed, by its skeleton
	moved   map[string]int // steps in which something below a heading changed, by the heading
	steps   int            // steps looked at
	looks   int            // captures looked at
	changed int            // of the steps, those that changed the text
}

// Learn returns the habits of a page.
func Learn(ctx context.Context, a *archive.Archive, page *archive.Page) (*Habits, error) {
	h, err := learnHost(ctx, a, page.Source, hostOf(page.URL))
	if err != nil {
		return nil, err
	}
	return h, h.learnPage(ctx, a, page.ID)
}

// PastOf returns what the archive tells of a page: how its latest version was
// read, that version's blocks, and its habits. For an address that the archive
// does not have the error wraps [fs.ErrNotExist].
func PastOf(ctx context.Context, a *archive.Archive, address string) (*Past, error) {
	page, err := a.Page(ctx, address)
	if err != nil {
		return nil, err
	}
	past := &Past{}
	if past.Habits, err = Learn(ctx, a, page); err != nil || page.Latest == 0 {
		return past, err
	}
	v, err := a.Version(ctx, page.Latest)
	if err != nil {
		return nil, err
	}
	past.Strategy, past.Blocks = v.Strategy, v.Blocks
	return past, nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// learnHost counts on how many pages of a host each text stands.
func learnHost(ctx context.Context, a *archive.Archive, source, host string) (*Habits, error) {
	h := &Habits{}
	pages, err := a.Pages(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("learn from %s: %w", host, err)
	}
	pages = slices.DeleteFunc(pages, func(p *archive.Page) bool { return p.Latest == 0 || hostOf(p.URL) != host })
	if len(pages) < minShared {
		return h, nil
	}
	h.shared = map[string]int{}
	for _, p := range pages[:min(len(pages), hostPages)] {
		v, err := a.Version(ctx, p.Latest)
		if err != nil {
			return nil, fmt.Errorf("learn from %s: %w", host, err)
		}
		if v.Gone {
			continue
		}
		h.pages++
		seen := map[string]bool{}
		for i := range v.Blocks {
			b := &v.Blocks[i]
			if len(b.Text) > maxShared || Anchor(b) != "" {
				continue
			}
			if k := textKey(b.Text); k != "" && !seen[k] {
				seen[k] = true
				h.shared[k]++
			}
		}
	}
	return h, nil
}

// learnPage counts what changed between the latest captures of a page.
func (h *Habits) learnPage(ctx context.Context, a *archive.Archive, page archive.PageID) error {
	looks, err := a.Looks(ctx, page, habitLooks)
	if err != nil {
		return fmt.Errorf("learn from page %d: %w", page, err)
	}
	looks = slices.DeleteFunc(looks, func(l archive.Look) bool { return l.Version == 0 })
	h.looks = len(looks)
	h.moving, h.moved = map[string]int{}, map[string]int{}
	var after *archive.Version
	for i, l := range looks {
		if i > 0 {
			h.steps++
			if after != nil && after.ID == l.Version {
				continue
			}
		}
		v, err := a.Version(ctx, l.Version)
		if err != nil {
			return fmt.Errorf("learn from page %d: %w", page, err)
		}
		if after != nil && !v.Gone && !after.Gone {
			h.changed++
			h.step(v, after)
		}
		after = v
	}
	return nil
}

// step notes what one version has that the other has not.
func (h *Habits) step(before, after *archive.Version) {
	gone, come := only(before, after), only(after, before)
	moving, moved := map[string]bool{}, map[string]bool{}
	for k := range come.skeletons {
		if gone.skeletons[k] {
			moving[k] = true
		}
	}
	for k := range come.headings {
		moved[k] = true
	}
	for k := range moving {
		h.moving[k]++
	}
	for k := range moved {
		h.moved[k]++
	}
}

type traits struct{ skeletons, headings map[string]bool }

// only lists the skeletons and headings of the short texts that a has and b has not.
func only(a, b *archive.Version) traits {
	have := make(map[string]bool, len(b.Blocks))
	for i := range b.Blocks {
		have[b.Blocks[i].Text] = true
	}
	t := traits{map[string]bool{}, map[string]bool{}}
	for i := range a.Blocks {
		x := &a.Blocks[i]
		if have[x.Text] || len(x.Text) > maxVolatile || Anchor(x) != "" {
			continue
		}
		if s := skeleton(x.Text); s != "" {
			t.skeletons[s] = true
		}
		if n := len(x.Path); n > 0 {
			t.headings[x.Path[n-1]] = true
		}
	}
	return t
}

// skeleton is a text without the figures and tokens in it: what stays of a
// clock, a counter or a session's number. It is "" for a text without figures.
func skeleton(s string) string {
	var b strings.Builder
	figures := false
	for word := range strings.FieldsSeq(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		if strings.IndexFunc(word, unicode.IsDigit) >= 0 {
			figures = true
			b.WriteByte('#')
			continue
		}
		b.WriteString(strings.ToLower(word))
	}
	if !figures {
		return ""
	}
	return b.String()
}

// restless reports whether the page changes (almost) whenever one looks. Only
// then can what changes be told from news: the date of a law changes with the
// law, and rarely.
func (h *Habits) restless() bool {
	return h != nil && h.changed >= minSteps && float64(h.changed) >= volatile*float64(h.steps)
}

// isShared reports whether a text is chrome because the host's pages share it.
func (h *Habits) isShared(key string) (pages int, shared bool) {
	if h == nil || h.pages < minShared {
		return 0, false
	}
	n := h.shared[key]
	return n, n >= minShared && float64(n) >= sharedShare*float64(h.pages)
}

// settle takes shared and volatile text out of the main text, and says why.
func (h *Habits) settle(blocks []archive.Block, c *choice) {
	if h == nil {
		return
	}
	h.settleShared(blocks, c)
	h.settleVolatile(blocks, c)
}

// settleShared takes out what nearly all pages of the host have, however much it
// reads like main text, unless that is a third of the page: then the pages are
// forms of one. A change of such a text is told all the same: the new wording is
// one page's alone.
func (h *Habits) settleShared(blocks []archive.Block, c *choice) {
	main, common := 0, 0
	var found []int
	for i := range blocks {
		b := &blocks[i]
		if b.Role != archive.Main {
			continue
		}
		main += len(b.Text)
		if b.Kind == archive.Heading || len(b.Text) > maxShared || Anchor(b) != "" {
			continue
		}
		if n, shared := h.isShared(textKey(b.Text)); shared && float64(n) >= sureShare*float64(h.pages) {
			common += len(b.Text)
			found = append(found, i)
		}
	}
	if common*3 >= main {
		return
	}
	for at, i := range found {
		blocks[i].Role = archive.Boilerplate
		if at < 5 {
			c.say("“%s” stands on %d of %d pages of the host: chrome, though it reads like main text", blocks[i].Text, h.shared[textKey(blocks[i].Text)], h.pages)
		}
	}
}

func (h *Habits) settleVolatile(blocks []archive.Block, c *choice) {
	if !h.restless() {
		return
	}
	main, under := 0, map[string]int{}
	for i := range blocks {
		if b := &blocks[i]; b.Role == archive.Main {
			main += len(b.Text)
			if n := len(b.Path); n > 0 {
				under[b.Path[n-1]] += len(b.Text)
			}
		}
	}
	for i := range blocks { // the title of a page, with headings below it, is no section of it
		if b := &blocks[i]; b.Role == archive.Main && len(b.Path) > 1 {
			under[b.Path[0]] = main
		}
	}
	often := func(n int) bool { return float64(n) >= volatile*float64(h.changed) }
	said := map[string]bool{}
	say := func(what string, n int) {
		if !said[what] {
			said[what] = true
			c.say("%s changed in %d of the last %d steps: volatile, taken out of the main text", what, n, h.steps)
		}
	}
	for i := range blocks {
		b := &blocks[i]
		if b.Role != archive.Main || b.Kind == archive.Heading || len(b.Text) > maxVolatile || Anchor(b) != "" {
			continue
		}
		if s := skeleton(b.Text); s != "" && often(h.moving[s]) {
			say("“"+s+"”", h.moving[s])
			b.Role = archive.Boilerplate
			continue
		}
		if n := len(b.Path); n > 0 && often(h.moved[b.Path[n-1]]) && under[b.Path[n-1]]*3 < main {
			say("what stands under “"+b.Path[n-1]+"”", h.moved[b.Path[n-1]])
			b.Role = archive.Boilerplate
		}
	}
}
