package index

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"veille/archive"
)

var benchPassages = flag.Int("passages", 20_000, "how many passages the benchmarks search")

// vocabulary is some field words and many others, common ones first.
func vocabulary(lang string) []string {
	field := map[string]string{
		"en": "the of return centre closed hub order decision territory removal detention appeal country authority period days person entry ban voluntary",
		"fr": "le de retour centre fermé plateforme ordre décision territoire éloignement rétention recours pays autorité délai jours personne entrée interdiction volontaire",
		"nl": "de van terugkeer centrum gesloten hub bevel besluit grondgebied verwijdering detentie beroep land overheid termijn dagen persoon inreisverbod vrijwillige",
		"de": "die der Rückkehr Zentrum geschlossen Hub Anordnung Entscheidung Staatsgebiet Abschiebung Haft Beschwerde Land Behörde Frist Tage Person Einreiseverbot freiwillige",
	}[lang]
	words := strings.Fields(field)
	for i := range 20_000 {
		words = append(words, fmt.Sprintf("%s%s%s", syllable(i), syllable(i/7+3), syllable(i/60+11)))
	}
	return words
}

func syllable(i int) string {
	return string("bcdfghklmnprstv"[i%15]) + string("aeiou"[i/15%5]) + string("nrstlm"[i/75%6])
}

// large fills an archive with pages of 150 passages of about 60 words.
func large(b *testing.B, a *archive.Archive, passages int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	zipf := map[string]*rand.Zipf{}
	vocab := map[string][]string{}
	for _, lang := range stemmed {
		vocab[lang] = vocabulary(lang)
		zipf[lang] = rand.NewZipf(r, 1.1, 8, uint64(len(vocab[lang])-1))
	}
	srcs := sources().Sources
	for page := range (passages + 149) / 150 {
		lang := stemmed[page%4]
		var text strings.Builder
		for i := range 150 {
			if i%15 == 0 {
				fmt.Fprintf(&text, "## %s of page %d\n", vocab[lang][2+i/15], page)
			}
			for range 20 + r.IntN(80) {
				text.WriteString(vocab[lang][zipf[lang].Uint64()])
				text.WriteByte(' ')
			}
			text.WriteString(".\n")
		}
		publish(b, a, srcs[page%len(srcs)].ID, lang, fmt.Sprintf("https://example.org/%d", page), day(page%400), text.String())
	}
}

// BenchmarkSync tells how fast passages are taken in, and what they cost.
func BenchmarkSync(b *testing.B) {
	a := openArchive(b)
	large(b, a, *benchPassages)
	for b.Loop() {
		dir := filepath.Join(b.TempDir(), "index")
		x, err := Open(dir, sources(), words(b), comparer())
		if err != nil {
			b.Fatal(err)
		}
		began := time.Now()
		syncIndex(b, x, a)
		b.ReportMetric(float64(*benchPassages)/time.Since(began).Seconds(), "passages/s")
		b.ReportMetric(peakMB(), "peak-MB")
		x.Close()
		b.ReportMetric(float64(sizeOf(b, dir))/float64(*benchPassages), "B/passage")
		began = time.Now()
		if x, err = Open(dir, sources(), words(b), comparer()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "open-ms")
		x.Close()
	}
}

// BenchmarkSearch tells the median and the 95th percentile of kinds of queries.
func BenchmarkSearch(b *testing.B) {
	a := openArchive(b)
	large(b, a, *benchPassages)
	x := openIndex(b, filepath.Join(b.TempDir(), "index"))
	syncIndex(b, x, a)
	for _, c := range []struct {
		name string
		q    Query
	}{
		{"word", Query{Text: "detention"}},
		{"rare-words", Query{Text: "banbanban OR dandanban"}},
		{"and", Query{Text: "return decision territory"}},
		{"phrase", Query{Text: `"return decision"`, Exact: true}},
		{"concept", Query{Text: `"closed centre"`}},
		{"concepts", Query{Text: `return hub OR "entry ban" OR "voluntary return"`}},
		{"boolean-filtered", Query{Text: "(centre OR hub) -appeal source:be-office", Langs: []string{"en"}}},
		{"as-of", Query{Text: "return decision", AsOf: day(200)}},
		{"prefix", Query{Text: "terugk*"}},
		{"newest", Query{Text: "centre", Sort: "newest"}},
		{"everything", Query{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			var times []time.Duration
			for b.Loop() {
				res, err := x.Search(context.Background(), a, c.q)
				if err != nil {
					b.Fatal(err)
				}
				times = append(times, res.Took)
				b.ReportMetric(float64(res.Total), "hits")
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

func sizeOf(b *testing.B, dir string) (n int64) {
	b.Helper()
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if i, ierr := d.Info(); ierr == nil {
				n += i.Size()
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// peakMB is the most memory the process has had, 0 where that is not known.
func peakMB() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kb float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}
