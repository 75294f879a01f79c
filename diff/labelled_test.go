package diff

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"testing"
)

// A labelledPair is one line of testdata/labelled_*.txt.
type labelledPair struct {
	lang, before, after string
	line                int
	want, got           []string
	tuned               bool // belongs to the half that the rules may be tuned on
}

// labelledPairs reads the set. Which half a pair belongs to is decided by a
// hash of its first sentence, once and for all, before any rule was tuned.
func labelledPairs(t *testing.T) []*labelledPair {
	t.Helper()
	var out []*labelledPair
	for _, lang := range languages {
		data, err := os.ReadFile("testdata/labelled_" + lang + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(data), "\n") {
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			cells := strings.Split(line, " | ")
			if len(cells) != 3 {
				t.Fatalf("labelled_%s.txt:%d: want three cells", lang, n+1)
			}
			h := fnv.New32a()
			h.Write([]byte(cells[1]))
			p := &labelledPair{lang: lang, line: n + 1, before: cells[1], after: cells[2], want: strings.Split(cells[0], ", "), tuned: h.Sum32()%2 == 0}
			for _, code := range p.want {
				if _, ok := weightOf[code]; !ok {
					t.Fatalf("labelled_%s.txt:%d: there is no sense %q", lang, n+1, code)
				}
			}
			p.got = Between(version(1, lang, p.before), version(2, lang, p.after)).Senses
			out = append(out, p)
		}
	}
	return out
}

// A tally counts how often a code was named rightly, wrongly and not at all.
type tally struct{ right, wrong, missed int }

func (c tally) f1() float64 {
	if c.right == 0 {
		return 0
	}
	return 2 * float64(c.right) / float64(2*c.right+c.wrong+c.missed)
}

// score tallies pairs by code.
func scores(pairs []*labelledPair) map[string]*tally {
	out := map[string]*tally{}
	at := func(code string) *tally {
		if out[code] == nil {
			out[code] = &tally{}
		}
		return out[code]
	}
	for _, p := range pairs {
		for _, code := range p.want {
			if slices.Contains(p.got, code) {
				at(code).right++
			} else {
				at(code).missed++
			}
		}
		for _, code := range p.got {
			if !slices.Contains(p.want, code) {
				at(code).wrong++
			}
		}
	}
	return out
}

// macro is the mean F1 of the codes that the pairs bear.
func macro(by map[string]*tally) float64 {
	sum, n := 0.0, 0
	for _, c := range by {
		if c.right+c.missed > 0 {
			sum += c.f1()
			n++
		}
	}
	return sum / float64(max(n, 1))
}

// TestLabelled holds the rules to the half of the labelled pairs that they
// were not tuned on. With -v it prints precision and recall by sense and
// language of that half, and the errors of the other half.
func TestLabelled(t *testing.T) {
	var tuned, kept []*labelledPair
	byLang := map[string][]*labelledPair{}
	for _, p := range labelledPairs(t) {
		if p.tuned {
			tuned = append(tuned, p)
			if !sameCodes(p.want, p.got) {
				t.Logf("labelled_%s.txt:%d: %v, want %v\n\t%s\n\t%s", p.lang, p.line, p.got, p.want, p.before, p.after)
			}
			continue
		}
		kept = append(kept, p)
		byLang[p.lang] = append(byLang[p.lang], p)
	}
	if len(tuned) < 150 || len(kept) < 150 {
		t.Fatalf("%d and %d pairs", len(tuned), len(kept))
	}
	by := scores(kept)
	codes := make([]string, 0, len(by))
	for code := range by {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	var table strings.Builder
	fmt.Fprintf(&table, "\nhalf kept back: %d pairs, precision/recall\n%-12s %12s", len(kept), "", "all")
	for _, lang := range languages {
		fmt.Fprintf(&table, " %12s", lang)
	}
	table.WriteString("\n")
	for _, code := range codes {
		fmt.Fprintf(&table, "%-12s %12s", code, rates(by[code]))
		for _, lang := range languages {
			fmt.Fprintf(&table, " %12s", rates(scores(byLang[lang])[code]))
		}
		table.WriteString("\n")
	}
	fmt.Fprintf(&table, "macro-F1     %12.3f", macro(by))
	for _, lang := range languages {
		fmt.Fprintf(&table, " %12.3f", macro(scores(byLang[lang])))
	}
	fmt.Fprintf(&table, "\n(the half tuned on: %.3f)", macro(scores(tuned)))
	t.Log(table.String())
	if f1 := macro(by); f1 < 0.90 {
		t.Errorf("macro-F1 of the half kept back is %.3f, want 0.90", f1)
	}
}

func rates(c *tally) string {
	if c == nil || c.right+c.wrong+c.missed == 0 {
		return "–"
	}
	rate := func(of int) string {
		if of == 0 {
			return "–"
		}
		return fmt.Sprintf("%.2f", float64(c.right)/float64(of))
	}
	return rate(c.right+c.wrong) + "/" + rate(c.right+c.missed)
}

func sameCodes(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
