package diff

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"veille/archive"
)

func TestTwins(t *testing.T) {
	fr := page(1, `# Chapitre I
# Art. 1
Le centre compte 751 places.
Le directeur peut accorder un congé.
# Art. 2
- les familles
- les mineurs
La décision est notifiée dans les 30 jours.`)
	nl := page(2, `# Hoofdstuk I
# Art. 1
Het centrum telt 751 plaatsen.
De directeur kan verlof toestaan.
Een zin die alleen in het Nederlands bestaat en dus geen tegenhanger heeft in het Frans.
# Art. 2
- de gezinnen
- de minderjarigen
De beslissing wordt binnen 30 dagen ter kennis gebracht.`)
	want := map[int]int{0: 0, 1: 1, 2: 2, 3: 3, 4: 5, 5: 6, 6: 7, 7: 8}
	for _, p := range Twins(fr, nl) {
		if want[p.A] != p.B {
			t.Errorf("block %d is paired with %d, want %d", p.A, p.B, want[p.A])
		}
		delete(want, p.A)
	}
	if len(want) > 0 {
		t.Errorf("no twins for %v", want)
	}
	if len(Twins(fr, &archive.Version{})) != 0 {
		t.Error("twins in an empty version")
	}
}

// The Canadian act is published in both languages, section by section: the
// heads of the sections tell whether the passages under them were paired rightly.
func TestTwinsOfALaw(t *testing.T) {
	dir := os.Getenv("VEILLE_DATA")
	if dir == "" {
		t.Skip("skipped: VEILLE_DATA does not name the folder of the data sets")
	}
	number := regexp.MustCompile(`^### (\S+)\s*$`)
	read := func(name string) *archive.Version {
		data, err := os.ReadFile(filepath.Join(dir, "en-fr-canada", name))
		if err != nil {
			t.Skipf("skipped: %v", err)
		}
		v := &archive.Version{}
		for line := range strings.SplitSeq(string(data), "\n") {
			if m := number.FindStringSubmatch(line); m != nil {
				v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Heading, Level: 4, Role: archive.Main, Text: m[1]})
			} else if line = strings.TrimSpace(strings.TrimLeft(line, "#")); line != "" {
				v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: line})
			}
		}
		return v
	}
	en, fr := read("en-ca-irpa/2024-10-16.md"), read("fr-ca-lipr/2024-10-16.md")
	section := func(v *archive.Version) []string {
		out, last := make([]string, len(v.Blocks)), ""
		for i := range v.Blocks {
			if v.Blocks[i].Kind == archive.Heading {
				last = v.Blocks[i].Text
			}
			out[i] = last
		}
		return out
	}
	se, sf := section(en), section(fr)
	right, all := 0, 0
	for _, p := range Twins(en, fr) {
		if all++; se[p.A] == sf[p.B] {
			right++
		}
	}
	if all < len(en.Blocks)*8/10 || float64(right) < 0.99*float64(all) {
		t.Errorf("%d pairs of %d blocks, %d in the same section", all, len(en.Blocks), right)
	}
	t.Logf("%d pairs of %d blocks, %d in the same section", all, len(en.Blocks), right)
}
