package digest

import (
	"context"
	"fmt"
	"strings"

	"veille/archive"
	"veille/diff"
	"veille/index"
	"veille/source"
)

// news are the changes of one Sync. What is computed for one reader is kept
// for the others: a change is compared once, whoever is told of it. What is
// kept of it does not grow with the length of the page. Not safe for
// concurrent use.
type news struct {
	d       *Digester
	upto    archive.Seq
	runs    map[archive.Seq][]run // by where they begin
	changes map[stretch]*change
	queries map[string]*index.Matcher
}

func newNews(d *Digester, upto archive.Seq) *news {
	return &news{d: d, upto: upto, runs: map[archive.Seq][]run{}, changes: map[stretch]*change{}, queries: map[string]*index.Matcher{}}
}

// A stretch is what is compared; From is 0 where the page appeared.
type stretch struct{ from, to archive.Seq }

// A run is neighbouring steps of one page, told as one change.
type run struct {
	stretch
	first archive.Seq // version that the first step led to
	page  archive.PageID
	steps int
}

// A change is a run that has been compared.
type change struct {
	*diff.Change                   // nil if the page changed back; From and To without blocks
	src          *source.Source    // nil if it is no longer in sources.yaml
	page         *archive.Version  // To, or From where it was withdrawn: for the title
	steps        int               // how many wordings were passed through
	seen         archive.Interval  // from the first step's last look without to the last step's first look with
	summary      map[string]string // one sentence, by language
	also         []*change         // in a letter: the same edits on other pages, told with this change
	same         []string          // what it shares with changes that may be told with it
	body         string            // of a page that came or went, whose edit carries only the title: all of its text
}

// found is what a reader is to be told.
type found struct {
	told     []*change
	light    int // changes left out because they weigh too little
	reverted int // pages left out because they changed back
	match    *index.Matcher
}

// of finds what a subscription has not been told of.
func (n *news) of(ctx context.Context, sub *Subscription) (*found, error) {
	match, err := n.matcher(sub.Query)
	if err != nil {
		return nil, err
	}
	runs, err := n.since(ctx, sub.composed)
	if err != nil {
		return nil, err
	}
	f := &found{match: match}
	for _, r := range runs {
		c, err := n.change(ctx, r)
		if err != nil {
			return nil, err
		}
		if !c.within(sub) {
			continue
		}
		switch {
		case c.Change == nil:
			if c.steps > 1 && match == nil { // of a page without edits no search can say whether it is meant
				f.reverted++
			}
		case c.Weight < sub.MinWeight:
			f.light++
		case match == nil || c.matches(match, sub.MinWeight):
			f.told = append(f.told, c)
		}
	}
	return f, nil
}

// since lists the runs after a version, oldest first. Steps are joined only
// where one begins at the version at which the one before ended: a step that
// our own new reading caused is not among them, and so parts two runs.
func (n *news) since(ctx context.Context, after archive.Seq) ([]run, error) {
	if runs, ok := n.runs[after]; ok || after >= n.upto {
		return runs, nil
	}
	steps, err := n.d.Archive.Steps(ctx, archive.StepFilter{After: after, UpTo: n.upto, Published: true, News: true, Oldest: true})
	if err != nil {
		return nil, fmt.Errorf("steps after version %d: %w", after, err)
	}
	var runs []run
	open := map[archive.PageID]int{} // the page's latest run
	for _, s := range steps {
		if i, ok := open[s.Page]; ok && runs[i].to == s.From {
			runs[i].to = s.To
			runs[i].steps++
			continue
		}
		open[s.Page] = len(runs)
		runs = append(runs, run{stretch{s.From, s.To}, s.To, s.Page, 1})
	}
	n.runs[after] = runs
	return runs, nil
}

// change compares the ends of a run.
func (n *news) change(ctx context.Context, r run) (*change, error) {
	if c := n.changes[r.stretch]; c != nil {
		return c, nil
	}
	to, err := n.d.Archive.Version(ctx, r.to)
	if err != nil {
		return nil, fmt.Errorf("version %d: %w", r.to, err)
	}
	var from *archive.Version
	if r.from != 0 {
		if from, err = n.d.Archive.Version(ctx, r.from); err != nil {
			return nil, fmt.Errorf("version %d: %w", r.from, err)
		}
	}
	c := &change{src: n.d.Sources.Source(to.Source), page: head(to), steps: r.steps, seen: to.Seen}
	if to.Gone && from != nil {
		c.page = head(from)
	}
	if r.steps > 1 {
		first, err := n.d.Archive.VersionHead(ctx, r.first)
		if err != nil {
			return nil, fmt.Errorf("version %d: %w", r.first, err)
		}
		c.seen.After = first.Seen.After
	}
	if from == nil && !to.Gone || from != nil && !(from.Gone && to.Gone) {
		if c.Change = diff.Between(from, to); len(c.Edits) == 0 {
			c.Change = nil
		} else {
			c.body = wholeText(from, to)
			c.summary = map[string]string{}
			for _, lang := range Langs { // now, while the blocks are at hand
				c.summary[lang] = c.Summary(lang)
			}
			if c.same, err = n.shared(ctx, r, c); err != nil {
				return nil, err
			}
			c.From, c.To = head(c.From), head(c.To)
		}
	}
	n.changes[r.stretch] = c
	return c, nil
}

// shared is what a change shares with others that are told with it: the source
// and the same edits, or the document and the same figures in edits of the same
// kinds, as language twins have that change alike.
func (n *news) shared(ctx context.Context, r run, c *change) ([]string, error) {
	signature := c.Signature()
	if signature == "" {
		return nil, nil
	}
	page, err := n.d.Archive.PageByID(ctx, r.page)
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", r.page, err)
	}
	keys := []string{"source " + page.Source + " " + signature}
	if twin := c.TwinSignature(); page.Document != "" && twin != "" {
		keys = append(keys, "document "+page.Source+" "+page.Document+" "+twin)
	}
	return keys, nil
}

// together puts changes that are the same behind one of them: the first, or
// the first in the reader's language.
func together(told []*change, lang string) []*change {
	var leads []*change
	by := map[string]int{} // which lead
	for _, c := range told {
		lone := *c // what is found is shared between readers
		lone.also = nil
		at := -1
		for _, key := range c.same {
			if i, ok := by[key]; ok {
				at = i
				break
			}
		}
		switch {
		case at < 0:
			at = len(leads)
			leads = append(leads, &lone)
		case lone.page.Lang == lang && leads[at].page.Lang != lang:
			lone.also = append(leads[at].also, leads[at])
			leads[at].also, leads[at] = nil, &lone
		default:
			leads[at].also = append(leads[at].also, &lone)
		}
		for _, key := range c.same {
			by[key] = at
		}
	}
	return leads
}

// wholeText is the main text of a page that appeared, was withdrawn or came
// back; "" for any other change.
func wholeText(from, to *archive.Version) string {
	v := to
	switch {
	case to.Gone:
		v = from
	case from != nil && !from.Gone:
		return ""
	}
	var b strings.Builder
	for _, block := range v.Blocks {
		if block.Role != archive.Boilerplate {
			b.WriteString(block.Text + "\n\n")
		}
	}
	return b.String()
}

// head is a version without its blocks.
func head(v *archive.Version) *archive.Version {
	if v == nil {
		return nil
	}
	h := *v
	h.Blocks = nil
	return &h
}

// matcher is a compiled search, nil for none.
func (n *news) matcher(query string) (*index.Matcher, error) {
	if query == "" {
		return nil, nil
	}
	if m := n.queries[query]; m != nil {
		return m, nil
	}
	m, err := index.Compile(query, n.d.Thesaurus)
	if err != nil {
		return nil, fmt.Errorf("search %s: %w", quote(query), err)
	}
	n.queries[query] = m
	return m, nil
}

// within reports whether a change is of the sources and topics of a subscription.
func (c *change) within(sub *Subscription) bool {
	if len(sub.Sources) > 0 && !contains(sub.Sources, c.page.Source) {
		return false
	}
	if len(sub.Topics) == 0 {
		return true
	}
	return c.src != nil && overlap(sub.Topics, c.src.Topics)
}

// matches reports whether a search finds the words of any edit that weighs
// enough. Each side of an edit is searched on its own, with the page's title
// and the headings above it, as one text.
func (c *change) matches(m *index.Matcher, minWeight int) bool {
	for i := range c.Edits {
		if c.Edits[i].Weight >= minWeight && c.editMatches(m, &c.Edits[i]) {
			return true
		}
	}
	return false
}

func (c *change) editMatches(m *index.Matcher, e *diff.Edit) bool {
	above := c.page.Title + "\n\n" + strings.Join(e.Path, "\n\n") + "\n\n"
	for _, side := range []string{e.Before, e.After} {
		if side != "" && m.Match(c.page.Lang, above+side) {
			return true
		}
	}
	return c.body != "" && m.Match(c.page.Lang, above+c.body) || e.Before == "" && e.After == "" && m.Match(c.page.Lang, above)
}

func contains(list []string, s string) bool { return overlap(list, []string{s}) }

func overlap(a, b []string) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}
