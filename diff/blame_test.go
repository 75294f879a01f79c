package diff

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"veille/archive"
)

// blameOf follows versions through a Blamer.
func blameOf(versions ...*archive.Version) *Blame {
	var b Blamer
	for _, v := range versions {
		b.Next(v)
	}
	return b.Blame()
}

// told writes a blame: runs of words behind the version they stand since, and
// in brackets the one that first brought them where it is another, and those that
// took them away and brought them back.
func told(b *Blame) string {
	var lines []string
	for _, words := range b.Blocks {
		var line strings.Builder
		last := BlamedWord{}
		for _, w := range words {
			if w.Since != last.Since || w.First != last.First {
				fmt.Fprintf(&line, "%d", w.Since)
				if w.First != w.Since {
					fmt.Fprintf(&line, "(%d", w.First)
					for i := range w.Out {
						fmt.Fprintf(&line, " -%d+%d", w.Out[i], w.In[i])
					}
					line.WriteByte(')')
				}
				line.WriteString(": ")
			}
			line.WriteString(w.Text)
			if !strings.HasSuffix(w.Text, " ") {
				line.WriteByte(' ')
			}
			last = w
		}
		lines = append(lines, strings.TrimSpace(line.String()))
	}
	return strings.Join(lines, "\n")
}

func TestBlame(t *testing.T) {
	const rule = "The person shall leave the territory within 30 days of the order."
	tests := []struct {
		name  string
		pages []string
		want  string
	}{
		{"one version", []string{"A b."}, "1: A b ."},
		{"a figure", []string{rule, strings.Replace(rule, "30", "14", 1)},
			"1: The person shall leave the territory within 2: 14 1: days of the order ."},
		{"two edits in a row", []string{rule, strings.Replace(rule, "30", "14", 1), strings.Replace(strings.Replace(rule, "30", "14", 1), "shall", "may", 1)},
			"1: The person 3: may 1: leave the territory within 2: 14 1: days of the order ."},
		{"a paragraph that moved", []string{alpha + beta + gamma, gamma + alpha + beta},
			"1: " + spaced(gamma) + "\n1: " + spaced(alpha) + "\n1: " + spaced(beta)},
		{"a paragraph between", []string{alpha + gamma, alpha + beta + gamma},
			"1: " + spaced(alpha) + "\n2: " + spaced(beta) + "\n1: " + spaced(gamma)},
		{"split in two", []string{"One two three four five. Six seven eight nine ten.", "One two three four five.\nSix seven eight nine ten."},
			"1: One two three four five .\n1: Six seven eight nine ten ."},
		{"joined, and a word put in", []string{"One two three four five.\nSix seven eight nine ten.", "One two three four five. Six seven eight nine ten.",
			"One two three four five. Six seven eight nearly nine ten."},
			"1: One two three four five . Six seven eight 3: nearly 1: nine ten ."},
		{"joined and reworded in one step", []string{alpha + "The person shall leave the territory within thirty days.\nThe centre shall lodge each person whose request is pending.\n" + beta,
			alpha + "The person must leave the territory within ten days. The centre shall lodge each person whose appeal is pending.\n" + beta},
			"1: " + spaced(alpha) + "\n1: The person 2: must 1: leave the territory within 2: ten 1: days . The centre shall lodge each person whose 2: appeal 1: is pending .\n1: " + spaced(beta)},
		{"split and reworded in one step", []string{"The person shall leave the territory within thirty days. The centre shall lodge each person whose request is pending.",
			"The person must leave the territory within ten days.\nThe centre shall lodge each person whose appeal is pending."},
			"1: The person 2: must 1: leave the territory within 2: ten 1: days .\n1: The centre shall lodge each person whose 2: appeal 1: is pending ."},
		{"taken out beside what was reworded", []string{"The person shall leave the territory within thirty days.\nThe council shall decide within the days that the law sets.",
			"The person shall leave the territory within ten days of the day on which the council has decided."},
			"1: The person shall leave the territory within 2: ten 1: days 2: of the day on which the council has decided 1: ."},
		{"renumbered", []string{"Art. 9. The centre is closed at night.", "Art. 11. The centre is closed at night."},
			"1: Art . 2: 11 1: . The centre is closed at night ."},
		{"only typography", []string{"The “hub” is in Kigali.", "The \"hub\" is in Kigali."}, "1: The \" hub \" is in Kigali ."},
		{"taken out and put back", []string{alpha + beta, alpha, alpha + beta}, "1: " + spaced(alpha) + "\n3(1 -2+3): " + spaced(beta)},
		{"reworded and back", []string{rule, strings.Replace(rule, "30", "14", 1), rule},
			"1: The person shall leave the territory within 3(1 -2+3): 30 1: days of the order ."},
		{"taken out and put back twice", []string{alpha + beta, alpha, alpha + beta, alpha, alpha + beta}, "1: " + spaced(alpha) + "\n5(1 -2+3 -4+5): " + spaced(beta)},
		{"withdrawn and restored", []string{alpha, "GONE", alpha}, "3(1 -2+3): " + spaced(alpha)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var versions []*archive.Version
			for i, text := range test.pages {
				v := page(archive.Seq(i+1), text)
				if text == "GONE" {
					v.Gone, v.Blocks = true, nil
				}
				versions = append(versions, v)
			}
			if got := told(blameOf(versions...)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
	if (&Blamer{}).Blame() != nil {
		t.Error("a page without versions has a blame")
	}
}

// spaced is a text with its full stops apart, as told writes it.
func spaced(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.TrimSpace(s), ".", " ."))
}

// byRedlines is the reference: it follows each byte through the published redlines of neighbouring
// versions, in the most straightforward way.
type byRedlines struct {
	last  *archive.Version
	since [][]archive.Seq // of each byte of each block
}

func (r *byRedlines) next(v *archive.Version) {
	fresh := make([][]archive.Seq, len(v.Blocks))
	if r.last != nil {
		edits := Between(r.last, v).Edits
		usedOld, usedNew := map[int]bool{}, map[int]bool{}
		for _, e := range edits {
			if e.From < 0 && e.To < 0 {
				continue // the title
			}
			var was []archive.Seq
			if e.From >= 0 {
				for k := range strings.Split(e.Before, "\n") {
					usedOld[e.From+k] = true
					if k > 0 {
						was = append(was, v.ID) // the line feed
					}
					was = append(was, r.since[e.From+k]...)
				}
			}
			if e.To < 0 {
				continue
			}
			words := e.Words
			if e.Op == Move { // told as gone here and put in there, but the words are the same
				words = compareWords(e.Before, e.After).words()
			}
			is := carried(words, was, v.ID)
			for k, text := range strings.Split(e.After, "\n") {
				usedNew[e.To+k] = true
				if k > 0 {
					is = is[1:]
				}
				fresh[e.To+k], is = is[:len(text)], is[len(text):]
			}
		}
		i := 0
		for j := range v.Blocks {
			if usedNew[j] {
				continue
			}
			for usedOld[i] {
				i++
			}
			fresh[j] = r.since[i]
			i++
		}
	} else {
		for j := range v.Blocks {
			fresh[j] = slices.Repeat([]archive.Seq{v.ID}, len(v.Blocks[j].Text))
		}
	}
	r.last, r.since = v, fresh
}

// carried carries origins through a redline. What was deleted and put in again
// with other typography has stayed.
func carried(words []Word, was []archive.Seq, id archive.Seq) (is []archive.Seq) {
	for k := 0; k < len(words); k++ {
		w := words[k]
		switch w.Op {
		case Equal:
			is, was = append(is, was[:len(w.Text)]...), was[len(w.Text):]
		case Deleted:
			if k+1 < len(words) && words[k+1].Op == Inserted && fold(words[k+1].Text) == fold(w.Text) && len(was) > 0 {
				is = append(is, slices.Repeat([]archive.Seq{was[0]}, len(words[k+1].Text))...)
				k++
			}
			was = was[len(w.Text):]
		case Inserted:
			is = append(is, slices.Repeat([]archive.Seq{id}, len(w.Text))...)
		}
	}
	return is
}

// disagree counts the words of the last version, and those of which blame and
// reference say another origin.
func disagree(t *testing.T, versions []*archive.Version) (words, wrong int) {
	t.Helper()
	var r byRedlines
	for _, v := range versions {
		r.next(v)
	}
	for i, line := range blameOf(versions...).Blocks {
		at := 0
		for _, w := range line {
			words++
			if at < len(r.since[i]) && strings.TrimSpace(w.Text) != "" && r.since[i][at] != w.Since {
				if wrong++; wrong <= 3 {
					t.Logf("block %d: %q: blame says %d, the redlines %d\n%s", i, w.Text, w.Since, r.since[i][at], r.last.Blocks[i].Text)
				}
			}
			at += len(w.Text)
		}
		if at != len(r.last.Blocks[i].Text) {
			t.Fatalf("block %d: the words have %d bytes, the text %d", i, at, len(r.last.Blocks[i].Text))
		}
	}
	return words, wrong
}

// TestBlameIsWhatTheRedlinesSay follows a law through forty amendments that
// reword, move, insert, delete, renumber and take back.
func TestBlameIsWhatTheRedlinesSay(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	versions := []*archive.Version{law(3000)}
	for id := archive.Seq(2); id <= 40; id++ {
		v := *versions[len(versions)-1]
		v.ID = id
		v.Blocks = slices.Clone(v.Blocks)
		for range 5 {
			i := r.IntN(len(v.Blocks))
			switch r.IntN(6) {
			case 0:
				v.Blocks = slices.Delete(v.Blocks, i, i+1)
			case 1:
				v.Blocks = slices.Insert(v.Blocks, i, archive.Block{Kind: archive.Paragraph, Role: archive.Main,
					Text: fmt.Sprintf("Version %d says this of the matter, and it says it %d times over.", id, r.IntN(99))})
			case 2:
				b := v.Blocks[i]
				v.Blocks = slices.Insert(slices.Delete(v.Blocks, i, i+1), r.IntN(len(v.Blocks)-1), b)
			case 3:
				if id > 3 {
					v.Blocks[i] = versions[id-3].Blocks[min(i, len(versions[id-3].Blocks)-1)]
				}
			default:
				s := strings.Fields(v.Blocks[i].Text)
				s[r.IntN(len(s))] = []string{"must", "amended", "45", "unless"}[r.IntN(4)]
				v.Blocks[i].Text = strings.Join(s, " ")
			}
		}
		versions = append(versions, &v)
	}
	if words, wrong := disagree(t, versions); wrong > 0 || words < 2000 {
		t.Errorf("%d of %d words have another origin", wrong, words)
	}
}

// TestBlameOfLaws holds blame against the redlines on three real histories.
func TestBlameOfLaws(t *testing.T) {
	data := os.Getenv("VEILLE_DATA")
	if data == "" {
		t.Skip("VEILLE_DATA is not set: no histories of laws")
	}
	for _, set := range []string{"be-fr-constitution/versions", "en-fr-canada/en-ca-irpa", "nl-vreemdelingenrecht"} {
		t.Run(set, func(t *testing.T) {
			versions := history(t, filepath.Join(data, set), 20)
			words, wrong := disagree(t, versions)
			t.Logf("%d versions, %d words, %d with another origin", len(versions), words, wrong)
			if wrong > 0 {
				t.Errorf("%d of %d words have another origin", wrong, words)
			}
		})
	}
}

// history reads the last most text files below a directory as versions.
func history(t *testing.T, dir string, most int) []*archive.Version {
	var files []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && (strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".txt")) && !strings.Contains(path, "README") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Skipf("%s: %v, %d files", dir, err, len(files))
	}
	first := filepath.Dir(files[0])
	files = slices.DeleteFunc(files, func(f string) bool { return filepath.Dir(f) != first })
	slices.Sort(files)
	var versions []*archive.Version
	for i, f := range files[max(0, len(files)-most):] {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, page(archive.Seq(i+1), string(text)))
	}
	return versions
}

func BenchmarkBlame(b *testing.B) {
	versions := []*archive.Version{law(60_000)}
	for id := archive.Seq(2); id <= 20; id++ {
		v := amended(versions[len(versions)-1], 0.01)
		v.ID = id
		versions = append(versions, v)
	}
	for b.Loop() {
		blameOf(versions...)
	}
}
