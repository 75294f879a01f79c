package digest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"veille/archive"
	"veille/diff"
	"veille/index"
	"veille/source"
)

// news are the changes of one Sync. What is computed for one reader is kept
// for the others: a change is compared once and asked of each filter once,
// whoever is told of it. What is kept of it does not grow with the length of
// the page. Not safe for concurrent use.
type news struct {
	d         *Digester
	upto      archive.Seq
	runs      map[archive.Seq][]run               // by where they begin
	steps     map[archive.Seq]map[archive.Seq]run // the same runs, by each step's end
	changes   map[stretch]*change
	memory    *diff.Memory              // of what flaps
	watches   map[string]*watch         // by key of the filter
	compiled  map[string]*index.Matcher // searches made ready together
	pages     map[archive.PageID]*archive.Page
	askers    *register
	memos     map[string][]memo     // by language, and by number of the asker
	done      map[archive.Seq]bool  // versions after which all filters were asked
	sifted    map[stretch]bool      // stretches of which all filters were asked
	found     map[stretch][]opinion // the filters that had something to say
	team      []*news               // that ask filters, one a core
	turn      int                   // how many changes filters were asked of
	comparing time.Duration         // what was spent on that
	lexicon   index.Lexicon
	open      opened
	compared  wordings // of the last change that was compared
}

// wordings are both wordings of a change; either may be nil.
type wordings struct {
	stretch
	old, new *archive.Version
}

// opened is the last change whose wordings were read.
type opened struct {
	stretch
	texts    []*index.Text // what each edit concerns
	old, new *archive.Version
	pages    map[int]*index.Prepared // by the least weight of the edits that count
	memos    []memo                  // of the page's language
	words    *bool                   // whether the words of the wordings can be asked for; nil: not looked yet
}

// opens lets go of what was read of another change.
func (n *news) opens(c *change) {
	if n.open.stretch != c.stretch || n.open.pages == nil {
		n.lexicon.Forget()
		n.open = opened{stretch: c.stretch, pages: map[int]*index.Prepared{}}
		if c.Change == nil {
			return
		}
		for i := range c.Edits {
			e := &c.Edits[i]
			n.open.texts = append(n.open.texts, n.lexicon.Text(c.page.Lang, e.Before+"\n"+e.After+"\n"+c.body))
		}
	}
}

func newNews(d *Digester, upto archive.Seq) *news {
	return &news{d: d, upto: upto, runs: map[archive.Seq][]run{}, steps: map[archive.Seq]map[archive.Seq]run{}, changes: map[stretch]*change{}, watches: map[string]*watch{},
		pages: map[archive.PageID]*archive.Page{}, askers: &register{by: map[string]*askers{}}, memos: map[string][]memo{}, done: map[archive.Seq]bool{}, sifted: map[stretch]bool{},
		found: map[stretch][]opinion{}, memory: &diff.Memory{}}
}

// A stretch is what is compared; from is 0 where the page appeared.
type stretch struct{ from, to archive.Seq }

// A run is neighbouring steps of one page, told as one change.
type run struct {
	stretch
	page archive.PageID
	via  []archive.Seq // the versions that its steps led to; the last is to
}

// A change is a run that has been compared.
type change struct {
	run
	*diff.Change                   // nil if the page changed back; From and To without blocks
	src          *source.Source    // nil if it is no longer in sources.yaml
	document     string            // what language twins share, "" for none
	page         *archive.Version  // To, or From where it was withdrawn: for the title
	seen         archive.Interval  // from the first step's last look without to the last step's first look with
	summary      map[string]string // one sentence, by language
	same         []string          // what it shares with changes that may be told with it
	body         string            // of a page that came or went, whose edit carries only the title: all of its text
}

// since lists the runs after a version, oldest first.
func (n *news) since(ctx context.Context, after archive.Seq) ([]run, error) {
	if runs, ok := n.runs[after]; ok || after >= n.upto {
		return runs, nil
	}
	steps, err := n.d.Archive.Steps(ctx, archive.StepFilter{After: after, UpTo: n.upto, Published: true, News: true, Oldest: true})
	if err != nil {
		return nil, fmt.Errorf("steps after version %d: %w", after, err)
	}
	n.runs[after] = joined(steps)
	return n.runs[after], nil
}

// runWith is the run after a version that has a step to another, if the steps
// after the first have been read.
func (n *news) runWith(after, to archive.Seq) (run, bool) {
	by := n.steps[after]
	if by == nil {
		by = map[archive.Seq]run{}
		n.steps[after] = by
		for _, r := range n.runs[after] {
			for _, v := range r.via {
				by[v] = r
			}
		}
	}
	r, ok := by[to]
	return r, ok
}

// joined makes runs of steps, oldest first. Steps are joined only where one
// begins at the version at which the one before ended: a step that our own new
// reading caused is not among them, and so parts two runs.
func joined(steps []archive.Step) []run {
	var runs []run
	open := map[archive.PageID]int{} // the page's latest run
	for _, s := range steps {
		if i, ok := open[s.Page]; ok && runs[i].to == s.From {
			runs[i].to = s.To
			runs[i].via = append(runs[i].via, s.To)
			continue
		}
		open[s.Page] = len(runs)
		runs = append(runs, run{stretch{s.From, s.To}, s.Page, []archive.Seq{s.To}})
	}
	return runs
}

// without takes the steps out of a run that a reader has been told of, and
// returns the runs that are left. What was told is given as where it began, by
// where it ended.
func (r run) without(ledger map[archive.Seq]archive.Seq) []run {
	covered := make([]bool, len(r.via))
	any := false
	for i := len(r.via) - 1; i >= 0; i-- {
		begin, ok := ledger[r.via[i]]
		if !ok {
			continue
		}
		any, covered[i] = true, true
		for i > 0 && r.via[i-1] > begin {
			i--
			covered[i] = true
		}
	}
	if !any {
		return []run{r}
	}
	var left []run
	from := r.from
	for i, to := range r.via {
		switch {
		case covered[i]:
		case i > 0 && !covered[i-1]:
			last := &left[len(left)-1]
			last.to, last.via = to, append(last.via, to)
		default:
			left = append(left, run{stretch{from, to}, r.page, []archive.Seq{to}})
		}
		from = to
	}
	return left
}

// page is what is known of a page.
func (n *news) page(ctx context.Context, id archive.PageID) (*archive.Page, error) {
	if p := n.pages[id]; p != nil {
		return p, nil
	}
	p, err := n.d.Archive.PageByID(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("page %d: %w", id, err)
	}
	n.pages[id] = p
	return p, nil
}

// change compares the ends of a run.
func (n *news) change(ctx context.Context, r run) (*change, error) {
	if c := n.changes[r.stretch]; c != nil {
		return c, nil
	}
	start := time.Now()
	defer func() { n.comparing += time.Since(start) }()
	page, err := n.page(ctx, r.page)
	if err != nil {
		return nil, err
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
	c := &change{run: r, src: n.d.Sources.Source(to.Source), document: page.Document, page: head(to), seen: to.Seen}
	if to.Gone && from != nil {
		c.page = head(from)
	}
	if len(r.via) > 1 {
		first, err := n.d.Archive.VersionHead(ctx, r.via[0])
		if err != nil {
			return nil, fmt.Errorf("version %d: %w", r.via[0], err)
		}
		c.seen.After = first.Seen.After
	}
	if from == nil && !to.Gone || from != nil && !(from.Gone && to.Gone) {
		d, _, err := n.memory.Between(ctx, n.d.Archive, from, to, n.d.Store.now())
		if err != nil {
			return nil, err
		}
		c.fill(d)
	}
	n.compared = wordings{r.stretch, from, to}
	n.changes[r.stretch] = c
	return c, nil
}

// fill tells what differs, and lets go of the blocks.
func (c *change) fill(d *diff.Change) {
	if len(d.Edits) == 0 {
		return
	}
	c.Change, c.body, c.summary = d, wholeText(d.From, d.To), map[string]string{}
	for _, lang := range Langs { // now, while the blocks are at hand
		c.summary[lang] = d.Summary(lang)
	}
	c.same = c.likeness()
	d.From, d.To = head(d.From), head(d.To)
}

// likeness is what a change shares with others that are told with it: the source
// and the same edits, or the document and the same figures in edits of the same
// kinds, as language twins have that change alike.
func (c *change) likeness() []string {
	signature := c.Signature()
	if signature == "" {
		return nil
	}
	keys := []string{"source " + c.page.Source + " " + signature}
	if twin := c.TwinSignature(); c.document != "" && twin != "" {
		keys = append(keys, "document "+c.page.Source+" "+c.document+" "+twin)
	}
	return keys
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
