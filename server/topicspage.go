package server

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"veille/archive"
	"veille/index"
	"veille/thesaurus"
)

// What a topic's page shows.
const (
	topicDays     = 90 // the period whose changes are counted
	topicChanges  = 6
	topicPassages = 6 // documents with passages
	topicFigures  = 8
)

type topicsPage struct {
	Days   int
	Topics []topicLine // those with sources
	Bare   []topicLine // the others
}

// A topicLine is a topic, and how lively it is.
type topicLine struct {
	ID, Label string
	Concepts  []string // their names
	Sources   int
	Changes   int       // news of the last [topicDays] days
	Latest    time.Time // of them; zero if there are none
}

// topicList are all topics: "/topics".
func (w *web) topicList(rw http.ResponseWriter, r *http.Request) error {
	v := w.view(rw, r, "topics")
	p := &topicsPage{Days: topicDays}
	at := map[string]int{}
	for _, t := range w.Thesaurus.Topics() {
		if t.ID == "all" {
			continue
		}
		line := topicLine{ID: t.ID, Label: t.Label(v.Lang), Sources: len(w.Sources.Select(nil, nil, []string{t.ID}))}
		for _, id := range t.Concepts {
			line.Concepts = append(line.Concepts, w.Thesaurus.Concept(id).Label(v.Lang))
		}
		at[t.ID] = len(p.Topics)
		p.Topics = append(p.Topics, line)
	}
	if err := w.countChanges(r.Context(), p.Topics); err != nil {
		return err
	}
	slices.SortStableFunc(p.Topics, func(a, b topicLine) int { return strings.Compare(thesaurus.Fold(a.Label), thesaurus.Fold(b.Label)) })
	for _, t := range p.Topics {
		if t.Sources == 0 {
			p.Bare = append(p.Bare, t)
		}
	}
	p.Topics = slices.DeleteFunc(p.Topics, func(t topicLine) bool { return t.Sources == 0 })
	v.Title, v.Page, v.Description = v.t.T("topics.title"), p, v.t.T("topics.lead")
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", v.Title), "/topics", nil)
	return w.render(rw, r, http.StatusOK, "topics.html", v)
}

// countChanges counts the news of the last days under the topics of their
// sources; of a source at most [homeSteps] steps are looked at.
func (w *web) countChanges(ctx context.Context, topics []topicLine) error {
	since := w.now().AddDate(0, 0, -topicDays)
	for _, src := range w.Sources.Sources {
		count, steps := 0, 0
		var latest time.Time
		err := w.docs.each(ctx, ChangesQuery{Since: since, Sources: []string{src.ID}}, func(s archive.Step, h head) (bool, error) {
			if h.weight >= DefaultWeight {
				if count++; s.Time.After(latest) {
					latest = s.Time
				}
			}
			steps++
			return steps < homeSteps, nil
		})
		if err != nil {
			return err
		}
		for i := range topics {
			if t := &topics[i]; count > 0 && src.Covers(t.ID) {
				if t.Changes += count; latest.After(t.Latest) {
					t.Latest = latest
				}
			}
		}
	}
	return nil
}

type topicPage struct {
	ID       string
	Names    []pair // language and name, in the other languages
	Concepts []topicConcept
	Sources  []SourceDocument
	Changes  []*ChangeDocument
	Groups   []hitGroup
	Passages int // in all
	Figures  []figureRow

	SearchHref, SubscribeHref string
}

// A topicConcept is a concept that a topic is about, and where its story is told.
type topicConcept struct{ ID, Label, SearchHref, TraceHref string }

// topicOf is one topic: "/topics/{id}", and its feeds.
func (w *web) topicOf(rw http.ResponseWriter, r *http.Request) error {
	id, feed := twin(r.PathValue("id"))
	topic, ok := w.Thesaurus.Topic(id)
	if !ok {
		return fmt.Errorf("topic %s: %w", quote(id), fs.ErrNotExist)
	}
	lang := must(choose(r))
	label := topic.Label(lang)
	q := ChangesQuery{Topics: []string{id}, MinWeight: DefaultWeight, UILang: lang}
	if feed != "" {
		return w.feedOf(rw, r, feed, q, "topics/"+id, w.tongues[lang].T("feed.of", label), "/topics/"+id)
	}
	v := w.view(rw, r, "topics")
	text := topicQuery(w.Thesaurus, topic)
	p := &topicPage{ID: id, SearchHref: "/search?" + url.Values{"q": {text}}.Encode(), SubscribeHref: "/subscribe?" + url.Values{"topics": {id}}.Encode()}
	for _, l := range Langs {
		if l != lang {
			p.Names = append(p.Names, pair{l, topic.Label(l)})
		}
	}
	for _, id := range topic.Concepts {
		c := w.Thesaurus.Concept(id)
		p.Concepts = append(p.Concepts, topicConcept{id, c.Label(lang), "/search?" + url.Values{"q": {quoted(c.Label(lang))}}.Encode(),
			"/trace?" + url.Values{"q": {"concept:" + id}}.Encode()})
	}
	var err error
	if p.Changes, err = w.newest(r, q, topicChanges, w.docs.listed); err != nil {
		return err
	}
	if err := w.fillTopic(r.Context(), v.t, p, text); err != nil {
		return err
	}
	if p.Sources, err = w.docs.sourcesOf(r.Context(), w.Sources.Select(nil, nil, []string{id})); err != nil {
		return err
	}
	v.Title, v.Page, v.Description = label, p, v.t.T("topic.lead", label)
	v.Feeds = w.feeds(v.t, v.t.T("feed.of", label), "/topics/"+id, nil)
	return w.render(rw, r, http.StatusOK, "topic.html", v)
}

// topicQuery is what to search for a topic: the names of its concepts, which
// the thesaurus widens; without concepts its own names.
func topicQuery(t *thesaurus.Thesaurus, topic thesaurus.Topic) string {
	var names []string
	for _, id := range topic.Concepts {
		names = append(names, quoted(t.Concept(id).Label("en")))
	}
	for _, l := range Langs {
		if name := quoted(topic.Label(l)); len(topic.Concepts) == 0 && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " OR ")
}

func quoted(name string) string { return `"` + name + `"` }

// fillTopic finds the best standing passages, and the figures of their pages.
func (w *web) fillTopic(ctx context.Context, t *tongue, p *topicPage, text string) error {
	if w.Index == nil {
		return nil
	}
	done, err := w.docs.brief.take(ctx)
	if err != nil {
		return fmt.Errorf("topic: %w", err)
	}
	defer done()
	doc, err := w.docs.Search(ctx, index.Query{Text: text, Grouped: true, Limit: topicPassages})
	if err != nil {
		return err
	}
	found := &searchPage{Doc: doc}
	w.fillGroups(found, url.Values{"q": {text}})
	w.spans(found.Groups)
	p.Groups, p.Passages = found.Groups, doc.Total
	match, err := newPhrase(text, w.Thesaurus)
	if err != nil {
		return err
	}
	var urls []string
	var series []FigureSeries
	var room []byte
	for i := range doc.Hits {
		h := &doc.Hits[i]
		if slices.Contains(urls, h.URL) {
			continue
		}
		urls = append(urls, h.URL)
		page, err := w.Archive.Page(ctx, h.URL)
		if err != nil {
			return err
		}
		found, err := w.docs.pageFigures(ctx, FigureSeries{Source: page.Source, URL: page.URL, Lang: page.Lang, Title: page.Title, Page: page.ID}, match, &room)
		if err != nil {
			return err
		}
		series = append(series, found.series...)
	}
	p.Figures = figureRows(t, series, w.now())
	return nil
}

// sourcesOf are the documents of some sources, in the order of sources.yaml.
func (d *Documents) sourcesOf(ctx context.Context, ids []string) ([]SourceDocument, error) {
	all, err := d.SourceList(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all.Sources, func(s SourceDocument) bool { return !slices.Contains(ids, s.ID) }), nil
}

// A figureRow is a figure over time: its values in words, and drawn where they
// are on one scale.
type figureRow struct {
	FigureSeries
	Now   FigureValue
	Past  []FigureValue // the latest first
	Chart *figureChart
}

// figureRows are the figures that still stand, those that changed most often
// first; where the same sentence stands on several pages, the first of them. A
// figure that is all of its sentence, such as the date of a notice, says nothing.
func figureRows(t *tongue, series []FigureSeries, now time.Time) []figureRow {
	var rows []figureRow
	seen := map[string]bool{}
	slices.SortStableFunc(series, func(a, b FigureSeries) int { return len(b.Values) - len(a.Values) })
	for _, s := range series {
		if key := s.Lang + s.What + s.last().Value; s.last().Gone != nil || seen[key] || !strings.ContainsFunc(s.What, unicode.IsLetter) || len(rows) == topicFigures {
			continue
		} else {
			seen[key] = true
		}
		row := figureRow{FigureSeries: s, Now: *s.last(), Chart: chartFigure(t, &s, now)}
		row.Past = slices.Clone(s.Values[:len(s.Values)-1])
		slices.Reverse(row.Past)
		rows = append(rows, row)
	}
	return rows
}
