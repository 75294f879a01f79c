package server

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"veille/evidence"
	"veille/index"
)

// A TimelineDocument tells how often a phrase stood, period by period, over
// all texts and in those of each language and institution in which it ever did.
type TimelineDocument struct {
	Step         string           `json:"step"` // "year", "quarter", "month" or "day"
	Periods      []PeriodDocument `json:"periods"`
	Languages    []SeriesDocument `json:"languages"`
	Institutions []SeriesDocument `json:"institutions"`
}

// A SeriesDocument is the timeline of some of the texts.
type SeriesDocument struct {
	Name    string            `json:"name"`
	Now     FrequencyDocument `json:"now"`
	Most    FrequencyDocument `json:"most"`
	Periods []PeriodDocument  `json:"periods"`
}

// A FrequencyDocument is how often a phrase stood at a moment, and in how many
// words. Per10k is null where there were no words.
type FrequencyDocument struct {
	At     time.Time `json:"at,omitzero"`
	Times  int       `json:"times"`
	Words  int       `json:"words"`
	Per10k *float64  `json:"per_10k"`
}

// A PeriodDocument is one step of a timeline. Times, Words and Pages are those
// at its end, or now if it has not ended.
type PeriodDocument struct {
	Period string    `json:"period"` // "2025", "2025-Q2", "2025-04" or "2025-04-17"
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	FrequencyDocument
	Ever      int `json:"ever"`       // places in which it stood at some moment of the period
	Pages     int `json:"pages"`      // with it
	PagesRead int `json:"pages_read"` // with any text
	Unseen    int `json:"unseen"`     // of the pages that ever had it: could not be seen for some of the period
}

// Rate is how often in 10,000 words, as it is shown.
func (f FrequencyDocument) Rate() string {
	if f.Per10k == nil {
		return "–"
	}
	return strconv.FormatFloat(*f.Per10k, 'f', 1, 64)
}

func frequency(f index.Frequency) FrequencyDocument {
	out := FrequencyDocument{At: f.At, Times: f.Times, Words: f.Words}
	if f.Words > 0 {
		n := math.Round(f.Per10k()*1000) / 1000
		out.Per10k = &n
	}
	return out
}

// timelineDocument tells the periods, and in which of them we could not see.
func timelineDocument(t *index.Timeline, pages []TracedPage) TimelineDocument {
	series := func(of []index.Series) []SeriesDocument {
		out := []SeriesDocument{}
		for _, s := range of {
			out = append(out, SeriesDocument{s.Name, frequency(s.Now), frequency(s.Most), periodDocuments(s.Periods)})
		}
		return out
	}
	doc := TimelineDocument{Step: t.Step, Periods: periodDocuments(t.Periods), Languages: series(t.Langs), Institutions: series(t.Institutions)}
	for i := range doc.Periods {
		p := &doc.Periods[i]
		for k := range pages {
			for _, g := range pages[k].Gaps {
				if g.After.Before(p.Until) && (g.By.IsZero() || g.By.After(p.From)) {
					p.Unseen++
					break
				}
			}
		}
	}
	return doc
}

func periodDocuments(periods []index.Period) []PeriodDocument {
	out := make([]PeriodDocument, len(periods))
	for i, p := range periods {
		out[i] = PeriodDocument{Period: p.Name, From: p.From, Until: p.Until, FrequencyDocument: frequency(p.Frequency), Ever: p.Ever, Pages: p.Pages, PagesRead: p.PagesRead}
	}
	return out
}

// timelineColumns are those of phrase_timeline.csv: one row a period, and one
// more for each language in it. lang is empty where all texts are counted.
var timelineColumns = []string{"phrase", "lang", "period", "from", "until", "times", "words", "per_10k_words", "docs_with", "docs_total", "places_ever", "docs_unseen"}

// WriteTimeline writes the timeline of a trace as CSV, with a header.
func WriteTimeline(out io.Writer, format evidence.Format, doc *TraceDocument) error {
	w := evidence.NewCSV(out, format)
	err := w.Write(timelineColumns)
	write := func(lang string, periods []PeriodDocument) {
		for _, p := range periods {
			per10k, unseen := "", ""
			if p.Per10k != nil {
				per10k = format.Decimal(*p.Per10k)
			}
			if lang == "" {
				unseen = strconv.Itoa(p.Unseen)
			}
			werr := w.Write([]string{evidence.Cell(doc.Phrase), lang, p.Period, stampCell(p.From), stampCell(p.Until), strconv.Itoa(p.Times), strconv.Itoa(p.Words),
				per10k, strconv.Itoa(p.Pages), strconv.Itoa(p.PagesRead), strconv.Itoa(p.Ever), unseen})
			if err == nil {
				err = werr
			}
		}
	}
	write("", doc.Timeline.Periods)
	for _, s := range doc.Timeline.Languages {
		write(s.Name, s.Periods)
	}
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	if err != nil {
		return fmt.Errorf("write the timeline: %w", err)
	}
	return nil
}
