package digest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
)

// BenchmarkMatching finds what 10,000 people with a subscription each are to be
// told of 1,000 changes, by how many filters differ. "compared" is with reading
// and comparing the versions, "matched" what it takes beyond that.
func BenchmarkMatching(b *testing.B) {
	w := start(b)
	upto := w.thousand(b)
	for _, filters := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(filters, " filters"), func(b *testing.B) {
			var compared, matched time.Duration
			found := 0
			for b.Loop() {
				begin := time.Now()
				k := &desk{news: newNews(w.digest, upto), now: monday.Add(time.Hour), standing: map[int64][]*Subscription{}, looks: map[time.Time]map[string]int{}}
				runs, err := k.since(b.Context(), 1)
				if err != nil {
					b.Fatal(err)
				}
				for _, r := range runs {
					if _, err := k.change(b.Context(), r); err != nil {
						b.Fatal(err)
					}
				}
				compared += time.Since(begin)
				begin = time.Now()
				found = k.tenThousand(b, filters)
				matched += time.Since(begin)
			}
			b.ReportMetric(float64(compared.Milliseconds())/float64(b.N), "ms-compared")
			b.ReportMetric(float64(matched.Milliseconds())/float64(b.N), "ms-matched")
			b.ReportMetric(float64(found), "told")
		})
	}
}

var fieldWords = strings.Fields("closed centre return hub detention appeal deadline reception place capacity family minor transfer charter flight readmission bonus order removal escort")

// tenThousand tells 10,000 people, and returns how many changes they are told.
func (k *desk) tenThousand(b *testing.B, filters int) (told int) {
	var due []*Subscription
	for i := range 10_000 {
		n := i % filters
		s := &Subscription{ID: int64(i), Person: int64(i), Filter: Filter{MinWeight: 2, Query: fmt.Sprintf(`"case%d" OR "case%d"`, n, n+1)},
			Settings: Settings{Cadence: Daily, Density: Excerpts}, Last: monday, Upto: 1}
		k.standing[s.Person] = []*Subscription{s}
		due = append(due, s)
	}
	if err := k.siftAll(b.Context(), due); err != nil {
		b.Fatal(err)
	}
	for n := range due {
		t, err := k.tell(b.Context(), due[n:n+1])
		if err != nil {
			b.Fatal(err)
		}
		told += len(t.items)
	}
	return told
}

// thousand changes a paragraph of each of a thousand pages.
func (w *world) thousand(b *testing.B) archive.Seq {
	var upto archive.Seq
	for round := range 2 {
		w.pass(time.Hour)
		var captures []*archive.Capture
		var readings []archive.Reading
		for i := range 1000 {
			var texts []string
			for p := range 8 {
				text := ""
				for j := range 40 {
					text += fieldWords[(i*7+j*j+p)%20] + " of the "
				}
				texts = append(texts, fmt.Sprintf("%s number %d.", text, p))
			}
			texts[3] += fmt.Sprintf(" The %s of case%d has %d places.", fieldWords[i%20], i, 100+round)
			url := fmt.Sprintf("https://ministry.example.org/%d", i)
			body := strings.Join(texts, "\n")
			now := w.time()
			captures = append(captures, &archive.Capture{Source: "be-ministry", URL: url, Lang: "en", Time: now, Exchanges: []archive.Exchange{{URL: url, Time: now, IP: "127.0.0.1",
				Request: []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), Response: fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)}}})
			readings = append(readings, content("A page", texts...))
		}
		if err := w.archive.Add(b.Context(), captures...); err != nil {
			b.Fatal(err)
		}
		for i, c := range captures {
			readings[i].Capture = c.Seq
		}
		added, err := w.archive.AddReadings(b.Context(), captures[999].Seq, readings)
		if err != nil {
			b.Fatal(err)
		}
		upto = slices.MaxFunc(added, func(a, b *archive.Version) int { return int(a.ID - b.ID) }).ID
	}
	return upto
}
