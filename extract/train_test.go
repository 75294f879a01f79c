package extract

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"flag"
	"hash/fnv"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"veille/internal/boundhtml"
)

var dumpTo = flag.String("features", "", "write the features of all units of the data sets to this file, for growing the forest")

// TestDumpFeatures writes what the forest is grown on: of every unit of the
// pages in the data sets its features and whether it is main text.
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
	t.Logf("%d units of %d pages, %d features", d.units, d.pages, d.width)
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

// page dumps one page. Each row: set, page, held, label (share of the unit's
// words that are in the truth; -1 unknown), words, words of the truth, features.
func (d *dumper) page(set float32, id string, body []byte, label func(words []string) float32, truth int) {
	doc, err := boundhtml.Parse(d.t.Context(), toUTF8(http.Header{"Content-Type": {"text/html"}}, body))
	if err != nil {
		d.t.Log(id, err)
		return
	}
	p := flatten(doc)
	p.markChrome()
	s := newScorer(p)
	var f []float32
	for k := range s.units {
		var text strings.Builder
		node := s.units[k].node
		for i := node; i < p.nodes[node].end; i++ {
			if s.places[i].block == node && p.nodes[i].text > 0 && p.nodes[i].n.DataAtom == 0 && p.nodes[i].n.FirstChild == nil {
				text.WriteString(p.nodes[i].n.Data)
			}
		}
		w := splitWords(text.String())
		f = s.features(k, f)
		d.width = len(f)
		// What describes the unit; see bench/reading/grow.py.
		row := []float32{set, float32(d.pages), held(id), label(w), float32(len(w)), float32(truth), float32(s.units[k].size)}
		for e, i := p.nodes[node].parent, 0; i < 4; i++ {
			if e < 0 {
				row = append(row, 0, float32(len(s.units)))
				continue
			}
			row = append(row, float32(s.places[e].from), float32(s.places[e].from+s.places[e].units))
			e = p.nodes[e].parent
		}
		row = append(row, f...)
		if err := binary.Write(d.out, binary.LittleEndian, row); err != nil {
			d.t.Fatal(err)
		}
		d.units++
	}
	d.pages++
}

// byText labels units by a whole text.
func byText(truth string) (func([]string) float32, int) {
	words := splitWords(truth)
	runs := map[string]bool{}
	for i := range words {
		for n := 1; n <= 3; n++ {
			if i+n <= len(words) {
				runs[strings.Join(words[i:i+n], " ")] = true
			}
		}
	}
	return func(w []string) float32 {
		if len(w) == 0 {
			return -1
		}
		n := min(3, len(w))
		hit := 0
		for i := 0; i+n <= len(w); i++ {
			if runs[strings.Join(w[i:i+n], " ")] {
				hit++
			}
		}
		return float32(hit) / float32(len(w)-n+1)
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
	for id, x := range truth {
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
	for _, x := range truth {
		label := func(w []string) float32 {
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
