package diff

import (
	"fmt"
	"strings"
	"testing"

	"veille/archive"
)

// shownTable writes a collation: one line a row, each segment once where all
// agree, else {reading|reading}, each reading behind its versions.
func shownTable(c *Collation) string {
	var lines []string
	for i := range c.Rows {
		var line strings.Builder
		for _, n := range c.Rows[i].Blocks {
			line.WriteString(map[bool]string{true: "·", false: "x"}[n < 0])
		}
		line.WriteByte(' ')
		for _, s := range c.Segments(i) {
			if len(s.Readings) == 1 {
				line.WriteString(s.Readings[0].Text)
				continue
			}
			var rs []string
			for _, r := range s.Readings {
				ids := strings.Trim(fmt.Sprint(r.Versions), "[]")
				rs = append(rs, ids+": "+strings.TrimSpace(r.Text))
			}
			line.WriteString("{" + strings.Join(rs, "|") + "} ")
		}
		lines = append(lines, strings.Join(strings.Fields(line.String()), " "))
	}
	return strings.Join(lines, "\n")
}

func TestCollate(t *testing.T) {
	const rule = "The person shall leave the territory within 30 days of the order."
	const other = "An appeal against the decision suspends the return of the person."
	const third = "Children are never held in a closed centre of the country."
	may := strings.Replace(rule, "shall", "may", 1)
	tests := []struct {
		name     string
		wordings []string // "" is a withdrawal
		want     string
	}{
		{"one wording", []string{rule}, "x " + rule},
		{"a word goes and comes back", []string{rule, may, rule}, "xxx The person {0 2: shall|1: may} leave the territory within 30 days of the order."},
		{"three readings", []string{rule, strings.Replace(rule, "30", "14", 1), strings.Replace(rule, "30", "7", 1)},
			"xxx The person shall leave the territory within {0: 30|1: 14|2: 7} days of the order."},
		{"something is put in", []string{rule, strings.Replace(rule, "within", "voluntarily within", 1)},
			"xx The person shall leave the territory {0: |1: voluntarily} within 30 days of the order."},
		{"a passage goes, another comes", []string{rule + "\n" + other, other + "\n" + third}, "x· " + rule + "\nxx " + other + "\n·x " + third},
		{"a passage is away for a while", []string{rule + "\n" + other, rule, rule + "\n" + other}, "xxx " + rule + "\nx·x " + other},
		{"a passage moves", []string{rule + "\n" + other + "\n" + third, other + "\n" + third + "\n" + rule}, "xx " + other + "\nxx " + third + "\nxx " + rule},
		{"what is gone stays where it was", []string{rule + "\n" + other + "\n" + third, rule + "\n" + third}, "xx " + rule + "\nx· " + other + "\nxx " + third},
		{"the page is away for a while", []string{rule, "", may}, "x·x The person {0: shall|2: may} leave the territory within 30 days of the order."},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var versions []*archive.Version
			for i, text := range test.wordings {
				v := page(archive.Seq(i+1), text)
				if text == "" {
					v = &archive.Version{ID: archive.Seq(i + 1), Gone: true}
				}
				versions = append(versions, v)
			}
			if got := shownTable(Collate(versions...)); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
	if got := Collate(); len(got.Rows) != 0 {
		t.Errorf("of no wordings there are %d rows", len(got.Rows))
	}
}

// TestCollationKeepsEveryWord: whatever happens to a page, each of its wordings
// can be read out of the table again, whole and each block once.
func TestCollationKeepsEveryWord(t *testing.T) {
	versions := []*archive.Version{law(3000)}
	for id := archive.Seq(2); id <= 8; id++ {
		v := amended(versions[len(versions)-1], 0.2)
		v.ID = id
		versions = append(versions, v)
	}
	c := Collate(versions...)
	differ := 0
	for k, v := range versions {
		seen := make([]bool, len(v.Blocks))
		last := -1
		for i := range c.Rows {
			n := c.Rows[i].Blocks[k]
			if n < 0 {
				continue
			}
			if seen[n] {
				t.Fatalf("version %d: block %d has two rows", k, n)
			}
			seen[n] = true
			if k == len(versions)-1 && n <= last {
				t.Fatalf("row %d: block %d stands behind block %d", i, n, last)
			}
			last = n
			var text strings.Builder
			for _, s := range c.Segments(i) {
				for _, r := range s.Readings {
					for _, of := range r.Versions {
						if of == k {
							text.WriteString(r.Text)
						}
					}
				}
				if len(s.Readings) > 1 {
					differ++
				}
			}
			if text.String() != v.Blocks[n].Text {
				t.Fatalf("version %d, block %d: %q, want %q", k, n, text.String(), v.Blocks[n].Text)
			}
		}
		for n, ok := range seen {
			if !ok {
				t.Errorf("version %d: block %d has no row", k, n)
			}
		}
	}
	if differ == 0 {
		t.Error("nothing differs: the test tests nothing")
	}
}
