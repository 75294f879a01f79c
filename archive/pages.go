package archive

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const pageColumns = `SELECT p.id, p.source, p.url, p.lang, p.document, p.purpose, p.title, p.news, p.fails, p.latest, p.versions,
	p.content_seq, p.etag, p.last_modified, `

// pageLooks joins the first look, the last, and the last that was content: the
// latest usable answer, unless its reading said that it was none, and then the
// one before that.
const pageLooks = `f.seq, f.page, f.time, f.status, f.err, f.refers, f.origin, f.version, f.class, f.reason, f.retry_after,
	l.seq, l.page, l.time, l.status, l.err, l.refers, l.origin, l.version, l.class, l.reason, l.retry_after,
	coalesce(c.seq, 0), coalesce(c.page, 0), coalesce(c.time, 0), coalesce(c.status, 0), coalesce(c.err, ''),
	coalesce(c.refers, 0), coalesce(c.origin, ''), coalesce(c.version, 0), coalesce(c.class, ''), coalesce(c.reason, ''), coalesce(c.retry_after, 0)
	FROM page p JOIN capture f ON f.seq = p.first_seq JOIN capture l ON l.seq = p.last_seq
	LEFT JOIN capture c ON c.seq = CASE WHEN p.content_seq = 0 THEN 0 ELSE coalesce(
		(SELECT seq FROM capture WHERE seq = p.content_seq AND class IN ('', 'content')),
		(SELECT seq FROM capture WHERE page = p.id AND err = '' AND (status = 200 OR status = 304 AND refers <> 0) AND class IN ('', 'content')
			ORDER BY time DESC, seq DESC LIMIT 1)) END `

func scanPage(row scanner) (*Page, error) {
	p := &Page{}
	var news int
	var answered Seq
	dest := []any{&p.ID, &p.Source, &p.URL, &p.Lang, &p.Document, &p.Purpose, &p.Title, &news, &p.Fails, &p.Latest, &p.Versions,
		&answered, &p.ETag, &p.LastModified}
	looks := []*Look{&p.First, &p.Last, &p.LastContent}
	times := make([][2]int64, len(looks))
	for i, l := range looks {
		dest = append(dest, &l.Seq, &l.Page, &times[i][0], &l.Status, &l.Err, &l.Refers, &l.Origin, &l.Version, &l.Class, &l.Reason, &times[i][1])
	}
	if err := row.Scan(dest...); err != nil {
		return nil, err
	}
	p.News = news != 0
	if answered != p.LastContent.Seq { // they would only bring the refusal again
		p.ETag, p.LastModified = "", ""
	}
	for i, l := range looks {
		l.Time, l.RetryAfter, l.Unchanged = at(times[i][0]), at(times[i][1]), l.Refers != 0
	}
	return p, nil
}

// Page returns the page with that canonical address, whatever its purpose. If
// it was never captured the error wraps [fs.ErrNotExist].
func (a *Archive) Page(ctx context.Context, url string) (*Page, error) {
	var id PageID
	if err := a.read.QueryRowContext(ctx, `SELECT id FROM page WHERE url = $1`, url).Scan(&id); err != nil {
		return nil, notExist(err, "page %s", url)
	}
	return a.PageByID(ctx, id)
}

// PageByID returns the page of that number. For an unknown one the error wraps
// [fs.ErrNotExist].
func (a *Archive) PageByID(ctx context.Context, id PageID) (*Page, error) {
	p, err := a.page(ctx, id)
	if err != nil {
		return nil, err
	}
	own := *p
	return &own, nil
}

// Pages returns the watched pages of a source ("": of all), in the order in
// which they were first captured. Robots files and listings are not among them.
func (a *Archive) Pages(ctx context.Context, source string) ([]*Page, error) {
	ids, err := a.watched(ctx)
	if err != nil {
		return nil, err
	}
	if len(ids) > pagesInMemory {
		rows, err := a.read.QueryContext(ctx, pageColumns+pageLooks+
			`WHERE p.purpose = 'page' AND ($1 = '' OR p.source = $2) ORDER BY p.id`, source, source)
		return collect(rows, err, scanPage)
	}
	var out []*Page
	for _, id := range ids {
		p, err := a.page(ctx, id)
		if err != nil {
			return nil, err
		}
		if source == "" || p.Source == source {
			own := *p
			out = append(out, &own)
		}
	}
	return out, nil
}

// A Step is two neighbouring versions of a page: what a change is computed from.
type Step struct {
	From, To Seq // From is 0 where the page appeared
	Page     PageID
	Time     time.Time // when To was first seen
	Cause    Cause
}

// A StepFilter chooses steps. Its zero value chooses all.
type StepFilter struct {
	After, UpTo  Seq       // To is greater than After, and at most UpTo (0: no bound)
	Since, Until time.Time // Time is not before Since, and before Until (zero: no bound)
	Sources      []string
	Lang         string // of the version's text
	Page         PageID
	Published    bool // leave out what our own re-reading caused
	News         bool // leave out what came as history: woven in, or imported
	Oldest       bool // oldest first
	Past         Seq  // only what comes after the step to this version, in the order asked for (0: from the start)
	Limit        int  // 0: all
	Offset       int
}

// Steps returns the steps that a filter chooses, newest first by the time at
// which To was first seen. The first
// version of a page is a step only if the page was found on a listing that had
// been looked at before (Page.News).
func (a *Archive) Steps(ctx context.Context, f StepFilter) ([]Step, error) {
	list, ok, err := a.allSteps(ctx)
	if err != nil {
		return nil, fmt.Errorf("steps: %w", err)
	}
	if !ok {
		return a.askSteps(ctx, f)
	}
	c, none, err := a.choice(ctx, &f)
	if err != nil || none {
		return nil, err
	}
	return c.among(list, a.memory.steps.named()), nil
}

// askSteps is Steps, but that the catalogue chooses.
func (a *Archive) askSteps(ctx context.Context, f StepFilter) ([]Step, error) {
	where, args := f.where()
	order := "DESC"
	if f.Oldest {
		order = "ASC"
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 1 << 30
	}
	args = append(args, limit, f.Offset)
	rows, err := a.read.QueryContext(ctx, `SELECT v.prev, v.id, v.page, v.time, v.cause`+versionFrom+
		`WHERE (v.prev <> 0 OR p.news = 1)`+where+
		fmt.Sprintf(" ORDER BY v.time %s, v.id %s LIMIT $%d OFFSET $%d", order, order, len(args)-1, len(args)), args...)
	return collect(rows, err, func(row scanner) (Step, error) {
		var s Step
		var t int64
		err := row.Scan(&s.From, &s.To, &s.Page, &t, &s.Cause)
		s.Time = at(t)
		return s, err
	})
}

// where is the filter as conditions, and what they are about.
func (f *StepFilter) where() (string, []any) {
	var where strings.Builder
	var args []any
	add := func(cond string, arg any) {
		args = append(args, arg)
		fmt.Fprintf(&where, " AND "+cond, len(args))
	}
	if f.After > 0 {
		add("v.id > $%d", f.After)
	}
	if f.UpTo > 0 {
		add("v.id <= $%d", f.UpTo)
	}
	if !f.Since.IsZero() {
		add("v.time >= $%d", ms(f.Since))
	}
	if !f.Until.IsZero() {
		add("v.time < $%d", ms(f.Until))
	}
	if f.Lang != "" {
		add("v.lang = $%d", f.Lang)
	}
	if f.Page != 0 {
		add("v.page = $%d", f.Page)
	}
	if f.Published {
		add("v.cause = $%d", string(Published))
	}
	if f.News {
		where.WriteString(" AND v.late = 0")
	}
	if f.Past > 0 {
		past := "<"
		if f.Oldest {
			past = ">"
		}
		args = append(args, f.Past, f.Past)
		fmt.Fprintf(&where, " AND (v.time, v.id) %s ((SELECT time FROM version WHERE id = $%d), $%d)", past, len(args)-1, len(args))
	}
	if n := len(f.Sources); n > 0 {
		where.WriteString(" AND p.source IN (" + placeholders(len(args)+1, n) + ")")
		for _, s := range f.Sources {
			args = append(args, s)
		}
	}
	return where.String(), args
}

// A Woven page is one whose past has changed.
type Woven struct {
	Page PageID
	By   Seq // the latest capture that was woven in
}

// WovenAfter returns the pages into whose past captures after a position were
// woven, in the order of By.
func (a *Archive) WovenAfter(ctx context.Context, after Seq) ([]Woven, error) {
	rows, err := a.read.QueryContext(ctx, `SELECT id, woven FROM page WHERE woven > $1 AND woven <> 0 ORDER BY woven`, after)
	return collect(rows, err, func(row scanner) (w Woven, err error) {
		err = row.Scan(&w.Page, &w.By)
		return w, err
	})
}

// Stats are a few figures about an archive.
type Stats struct {
	Captures, Versions, Pages int64
	Bytes                     int64     // of all WARC files
	LastCapture               time.Time // zero if there is none
	LatestVersion             Seq
	LatestWoven               Seq // the latest capture that was woven into a page's past, 0 if none was
}

// Stats returns the archive's figures.
func (a *Archive) Stats(ctx context.Context) (Stats, error) {
	var s Stats
	var t int64
	err := a.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM capture), (SELECT count(*) FROM version),
		(SELECT count(*) FROM page WHERE purpose = 'page'), (SELECT coalesce(sum(size), 0) FROM file),
		(SELECT coalesce(max(l.time), 0) FROM page p JOIN capture l ON l.seq = p.last_seq),
		(SELECT coalesce(max(id), 0) FROM version), (SELECT coalesce(max(woven), 0) FROM page)`).
		Scan(&s.Captures, &s.Versions, &s.Pages, &s.Bytes, &t, &s.LatestVersion, &s.LatestWoven)
	if err != nil {
		return s, fmt.Errorf("count: %w", err)
	}
	s.LastCapture = at(t)
	return s, nil
}
