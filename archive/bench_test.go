package archive

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// page60k is a page of about 60 KB that compresses as text does.
func page60k(seed uint64) string {
	r := rand.New(rand.NewPCG(1, seed))
	var b bytes.Buffer
	for b.Len() < 60_000 {
		fmt.Fprintf(&b, "<p>word%d within %d days of the decision</p>\n", r.IntN(4000), r.IntN(90))
	}
	return b.String()
}

// BenchmarkAddUnchanged is one batch of 64 unchanged looks, kept and durable.
func BenchmarkAddUnchanged(b *testing.B) { benchAdd(b, func(i int) uint64 { return 0 }) }

// BenchmarkAddChanged is one batch of 64 pages that differ each time.
func BenchmarkAddChanged(b *testing.B) { benchAdd(b, func(i int) uint64 { return uint64(i) }) }

func benchAdd(b *testing.B, seed func(i int) uint64) {
	a, err := Open(b.TempDir(), quiet())
	if err != nil {
		b.Fatal(err)
	}
	defer a.Close()
	bodies := map[uint64]string{}
	for i := 0; b.Loop(); i++ {
		var cs []*Capture
		for p := range 64 {
			k := seed(i)*64 + uint64(p)
			if bodies[k] == "" {
				b.StopTimer()
				clear(bodies)
				for q := range 64 {
					bodies[seed(i)*64+uint64(q)] = page60k(seed(i)*64 + uint64(q))
				}
				b.StartTimer()
			}
			cs = append(cs, capture(fmt.Sprintf("https://example.org/%d", p), i, bodies[k]))
		}
		if err := a.Add(b.Context(), cs...); err != nil {
			b.Fatal(err)
		}
	}
	s, err := a.Stats(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(s.Bytes)/float64(s.Captures), "bytes/capture")
}
