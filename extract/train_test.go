package extract

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"flag"
	"hash/fnv"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html/atom"

	"veille/internal/boundhtml"
)

var dumpTo = flag.String("features", "", "write the features of all units of the data sets to this file, for growing the forest")

// TestDumpFeatures writes what the forest is grown on: of every unit of the
// pages in the data sets its features and whether it is main text. The file is
// one of little-endian 32-bit floats: the width of a row, then the rows.
func TestDumpFeatures(t *testing.T) {
	dir := os.Getenv("VEILLE_DATA")
	if *dumpTo == "" || dir == "" {
		t.Skip("neither -features nor VEILLE_DATA is set: nothing to write")
	}
	out, err := os.Create(*dumpTo)
	if err != nil {
		t.Fatal(err)
	}
	d := &dumper{t: t, out: bufio.NewWriterSize(out, 1<<20)}
	d.zyte(filepath.Join(dir, "extraction", "zyte-aeb"))
	d.trafilatura(filepath.Join(dir, "extraction", "trafilatura"))
	d.wcxb(filepath.Join(dir, "extraction", "wcxb-dev"))
	d.pairs(filepath.Join(dir, "ota-change-pairs"))
	if err := d.out.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d units of %d pages, %d numbers a row", d.units, d.pages, d.width)
}

type dumper struct {
	t                   *testing.T
	out                 *bufio.Writer
	pages, units, width int
}

func splitWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_' })
}

func held(id string) float32 {
	h := fnv.New32a()
	h.Write([]byte(id))
	return float32(h.Sum32() % 2)
}

// A labeller says how much of a unit is in the truth: the share of its words,
// -1 if that is not known. Before and after are the words around the unit.
type labeller func(before, words, after []string) float32

// page dumps one page. Each row: set, page, held, label, words, words of the
// truth, bytes, features.
func (d *dumper) page(set float32, id string, body []byte, label labeller, truth int) {
	doc, err := boundhtml.Parse(d.t.Context(), toUTF8(http.Header{"Content-Type": {"text/html"}}, body))
	if err != nil {
		d.t.Log(id, err)
		return
	}
	p := flatten(doc)
	p.markChrome()
	s := newScorer(p)
	words := make([][]string, len(s.units))
	for k := range s.units {
		words[k] = splitWords(s.textOf(&s.units[k]))
	}
	var f []float32
	for k := range s.units {
		f = s.features(k, f)
		u := &s.units[k]
		is := label(ends(words[:k], 2), words[k], starts(words[k+1:], 2))
		if set == 0 && p.nodes[u.node].n.DataAtom == atom.H1 {
			is = -1 // the set is of bodies only
		}
		row := append([]float32{set, float32(d.pages), held(id), is, float32(len(words[k])), float32(truth), float32(u.size)}, f...)
		if d.width == 0 {
			d.width = len(row)
			d.write([]float32{float32(d.width)})
		}
		d.write(row)
		d.units++
	}
	d.pages++
}

func (d *dumper) write(row []float32) {
	if err := binary.Write(d.out, binary.LittleEndian, row); err != nil {
		d.t.Fatal(err)
	}
}

// ends and starts return the last and first n words of some units.
func ends(of [][]string, n int) (out []string) {
	for i := len(of) - 1; i >= 0 && len(out) < n; i-- {
		out = append(append([]string{}, of[i]...), out...)
	}
	return out[max(0, len(out)-n):]
}

func starts(of [][]string, n int) (out []string) {
	for i := 0; i < len(of) && len(out) < n; i++ {
		out = append(out, of[i]...)
	}
	return out[:min(n, len(out))]
}

// byText labels units by a whole text: a unit of a word or two only together
// with what stands before or after it, or if it has a line of its own there.
func byText(truth string) (labeller, int) {
	words := splitWords(truth)
	runs, lines := map[string]bool{}, map[string]bool{}
	for i := range words {
		if i+3 <= len(words) {
			runs[strings.Join(words[i:i+3], " ")] = true
		}
	}
	for line := range strings.Lines(truth) {
		lines[strings.Join(splitWords(line), " ")] = true
	}
	return func(before, w, after []string) float32 {
		if len(w) == 0 {
			return -1
		}
		if len(w) < 3 {
			left, right := append(append([]string{}, before...), w...), append(append([]string{}, w...), after...)
			if lines[strings.Join(w, " ")] || runs[strings.Join(left[max(0, len(left)-3):], " ")] || runs[strings.Join(right[:min(3, len(right))], " ")] {
				return 1
			}
			return 0
		}
		hit := 0
		for i := 0; i+3 <= len(w); i++ {
			if runs[strings.Join(w[i:i+3], " ")] {
				hit++
			}
		}
		return float32(hit) / float32(len(w)-2)
	}, len(words)
}

func (d *dumper) json(file string, v any) bool {
	data, err := os.ReadFile(file)
	if err != nil {
		d.t.Logf("left out: %v", err)
		return false
	}
	if err := json.Unmarshal(data, v); err != nil {
		d.t.Fatal(err)
	}
	return true
}

func (d *dumper) file(name string) []byte {
	data, err := os.ReadFile(name)
	if err != nil {
		d.t.Fatal(err)
	}
	return data
}

func (d *dumper) zyte(dir string) {
	var truth map[string]struct{ ArticleBody string }
	if !d.json(filepath.Join(dir, "ground-truth.json"), &truth) {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(truth)) {
		x := truth[id]
		label, n := byText(x.ArticleBody)
		d.page(0, id, d.file(filepath.Join(dir, "html", id+".html")), label, n)
	}
}

func (d *dumper) trafilatura(dir string) {
	var truth map[string]struct {
		File          string
		With, Without []string
	}
	if !d.json(filepath.Join(dir, "evaldata.json"), &truth) {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(truth)) {
		x := truth[id]
		label := func(_, w, _ []string) float32 {
			text := " " + strings.Join(w, " ") + " "
			for _, s := range x.With {
				if v := strings.Join(splitWords(s), " "); v != "" && strings.Contains(text, " "+v+" ") {
					return 1
				}
			}
			for _, s := range x.Without {
				if v := strings.Join(splitWords(s), " "); v != "" && strings.Contains(text, " "+v+" ") {
					return 0
				}
			}
			return -1
		}
		d.page(1, x.File, d.file(filepath.Join(dir, "pages", x.File)), label, 0)
	}
}

func (d *dumper) wcxb(dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "ground-truth", "*.json"))
	for _, f := range files {
		var x struct {
			Truth struct {
				Main string `json:"main_content"`
			} `json:"ground_truth"`
		}
		if !d.json(f, &x) {
			return
		}
		id := strings.TrimSuffix(filepath.Base(f), ".json")
		label, n := byText(x.Truth.Main)
		d.page(2, id, d.file(filepath.Join(dir, "html", id+".html")), label, n)
	}
}

// pairs takes up to three captures of each document.
func (d *dumper) pairs(dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*", "pairs.jsonl"))
	for _, file := range files {
		times := map[string]int{}
		for _, p := range readPairs(d.t, file) {
			if times[p.Doc]++; times[p.Doc] > 3 {
				continue
			}
			service, _, _ := strings.Cut(p.Doc, "/")
			label, n := byText(string(gunzip(d.t, filepath.Join(filepath.Dir(file), p.VersionBefore))))
			d.page(3, service, gunzip(d.t, filepath.Join(filepath.Dir(file), p.Before)), label, n)
		}
	}
}
