package index

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"time"

	"veille/archive"
)

// The limits of a page of hits.
const (
	defaultLimit = 20
	maxLimit     = 1000
	maxOffset    = 10_000
)

// Search finds passages. For a wrong query the error is a *[QueryError]. The
// archive tells the numbers of the blocks in today's versions; if a is nil,
// hits name the version that brought the passage instead.
func (x *Index) Search(ctx context.Context, a *archive.Archive, q Query) (res *Result, err error) {
	defer x.damaged(&err)
	defer located(&err, q.Text)
	began := time.Now()
	if err := q.check(); err != nil {
		return nil, err
	}
	asked, qerr := parse(q.Text)
	if qerr != nil {
		return nil, qerr
	}
	leave, err := x.searching.enterFor(ctx, longTurn)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	defer leave()
	res, err = x.found(ctx, &q, asked, began)
	if err != nil {
		return nil, err
	}
	leave()
	if a != nil && !q.Bare {
		latest := latest{}
		for i := range res.Hits {
			if err := x.places.find(ctx, a, &res.Hits[i], &q, latest); err != nil {
				return nil, err
			}
		}
	}
	res.Took = time.Since(began)
	return res, nil
}

// found is what a search finds in the index, without the numbers of the blocks in
// today's versions.
func (x *Index) found(ctx context.Context, q *Query, asked *question, began time.Time) (*Result, error) {
	s, err := x.begin(ctx, q, began)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	defer s.release()
	if err := q.check(); err != nil { // the cursor may be far
		return nil, err
	}
	given := *q // as it is named in cursors
	asked.narrow(q)
	res := &Result{Expanded: []Expansion{}, Hits: []Hit{}}
	rolesGiven := asked.root.asks("role")
	n := x.meant(asked, q, res)
	if err := x.checkMeaning(n, asked, q, s.columns); err != nil {
		return nil, err
	}
	n.prepare()
	asked.root = n
	e, h, err := x.decide(ctx, s, q, asked, rolesGiven)
	if err != nil {
		return nil, err
	}
	res.Loose = e.loose != nil
	if err := e.results(res, h, n); err != nil {
		return nil, err
	}
	if res.Total == 0 {
		res.Since = x.since(n, q, s.columns)
	}
	if q.Offset == 0 {
		if res.Suggestion, err = e.suggest(n); err != nil {
			return nil, err
		}
	}
	s.keep(e.scores)
	x.goOn(s, &given, res, began)
	return res, nil
}

// Check reports what is wrong with a search, without making it: that it cannot be
// read, asks for what nothing here has, or has conditions that exclude each
// other. The error is a *[QueryError] then.
func (x *Index) Check(ctx context.Context, q Query) (err error) {
	defer x.damaged(&err)
	defer located(&err, q.Text)
	asked, qerr := parse(q.Text)
	if qerr != nil {
		return qerr
	}
	s, err := x.use(ctx)
	if err != nil {
		return fmt.Errorf("check a search: %w", err)
	}
	defer s.release()
	asked.narrow(&q)
	if err := x.checkMeaning(x.meant(asked, &q, &Result{}), asked, &q, s.columns); err != nil {
		return err
	}
	return nil
}

// checkMeaning reports what is asked for that cannot be: values that nothing
// has, and conditions that exclude each other.
func (x *Index) checkMeaning(n *node, asked *question, q *Query, c *columns) *QueryError {
	for _, err := range []*QueryError{x.checkLists(q, c), x.checkValues(n, c), x.contradiction(n, q, c)} {
		if err != nil {
			return err
		}
	}
	return asked.checkTimes(q)
}

// checkTimes reports bounds between which nothing lies, where one of them stands
// beside the query's text.
func (q *question) checkTimes(of *Query) *QueryError {
	late := ""
	switch {
	case of.From.IsZero():
	case !of.Until.IsZero() && !of.From.Before(of.Until):
		late = "until"
	case !of.AsOf.IsZero() && !of.Past && of.From.After(of.AsOf):
		late = "as-of"
	}
	if late == "" {
		return nil
	}
	if q.when.timeField != "" {
		return wrong(q.when.timePos, "period", "from", late)
	}
	err := wrong(-1, "period", "from", late)
	err.Param = "from"
	return err
}

// meant is what is looked for: the words of a query as they stand, or with the
// other names of its concepts, which the result then tells.
func (x *Index) meant(asked *question, q *Query, res *Result) *node {
	n := asked.root
	if q.Exact {
		n.literal()
		return n
	}
	res.Understood = asked.understood
	if n != nil {
		var found []Expansion
		n, found = widened(n, x.thesaurus)
		res.Expanded = append(res.Expanded, found...)
	}
	return n
}

// check reports what cannot be asked for.
func (q *Query) check() error {
	most := maxLimit
	if q.Whole {
		q.Limit, most = MaxWhole, MaxWhole
	}
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	if q.Limit < 0 || q.Limit > most || q.Offset < 0 || q.Offset+q.Limit > maxOffset {
		return fmt.Errorf("search: limit %d, offset %d: at most %d hits at a time and %d in all; narrow the search", q.Limit, q.Offset, most, maxOffset)
	}
	switch q.Sort {
	case "", "relevance", "newest", "oldest":
		return nil
	}
	return fmt.Errorf("search: there is no sort %q; use relevance, newest or oldest", q.Sort)
}

// narrow puts what a query's text asks of the whole search into the query: the
// narrower of two bounds, and the moment that the text names.
func (q *question) narrow(to *Query) {
	w := &q.when
	if w.from.After(to.From) {
		to.From = w.from
	}
	if !w.until.IsZero() && (to.Until.IsZero() || w.until.Before(to.Until)) {
		to.Until = w.until
	}
	if !w.asOf.IsZero() {
		to.AsOf = w.asOf
		to.Past = false
	}
}

// literal makes numbers be searched as they are typed.
func (n *node) literal() {
	if n == nil {
		return
	}
	if n.either && n.kids[0].op == opCite {
		typed := n.kids[1]
		typed.rare = n.rare
		*n = *typed
	}
	for _, k := range n.kids {
		k.literal()
	}
}

// decide finds of which pages a query is true: of those with all words, or,
// where it is a question that few pages have all words of, of those with some.
func (x *Index) decide(ctx context.Context, s *state, q *Query, asked *question, rolesGiven bool) (*engine, *holds, error) {
	e := &engine{state: s, ctx: ctx, x: x, q: q, asked: asked}
	n := asked.root
	if len(q.Langs) > 0 {
		e.langs = q.Langs
	}
	will, question := n.loose()
	if question {
		e.loose = n
	}
	h, err := e.run(n, rolesGiven)
	if err == nil && will && !question && h.pages() < enough {
		s.keep(e.scores)
		e = &engine{state: s, ctx: ctx, x: x, q: q, asked: asked, langs: e.langs, loose: n}
		h, err = e.run(n, rolesGiven)
	}
	return e, h, err
}

// replacements reads what took the place of a passage.
func (x *Index) replacements(p *passage) ([]Replacement, error) {
	var out []Replacement
	for _, n := range p.Next {
		next, err := x.stored(n.ID)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its page is being indexed again
		}
		if err != nil {
			return nil, err
		}
		out = append(out, Replacement{next.Text, p.Gone, n.Block})
	}
	return out, nil
}

// hitOf tells all about a passage that was found.
func hitOf(id string, p *passage, c *candidate) Hit {
	h := Hit{ID: id, Source: p.Source, URL: p.URL, Lang: p.Lang, Title: p.Title, Path: p.Path, Text: p.Text,
		Role: p.Role, Kind: p.Kind, Page: p.Page, FirstSeen: p.Seen, Until: p.Until, Since: p.Since, Version: p.Since,
		Began: time.UnixMilli(p.From).UTC(), Block: -1, Score: math.Round(c.score*1e6) / 1e6, Change: c.of.String(), Came: p.Came, Went: p.Went, Last: p.Last, Gone: p.Gone}
	if h.Path == nil {
		h.Path = []string{}
	}
	if p.Seen.By.UnixMilli() == p.From {
		h.Block = p.Block
	}
	return h
}
