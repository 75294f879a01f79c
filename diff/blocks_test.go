package diff

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"veille/archive"
)

// blocksOf reads a page written one block a line: "# " heading, "- " item,
// "| " row, "~ " boilerplate, "N) " item with that marker, else a paragraph.
func blocksOf(page string) []archive.Block {
	var out []archive.Block
	var path []string
	for _, line := range strings.Split(strings.TrimSpace(page), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		b := archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: line}
		switch {
		case strings.HasPrefix(line, "# "):
			b.Kind, b.Level, b.Text = archive.Heading, 2, line[2:]
		case strings.HasPrefix(line, "- "):
			b.Kind, b.Level, b.Marker, b.Text = archive.Item, 1, "•", line[2:]
		case strings.HasPrefix(line, "| "):
			b.Kind, b.Text = archive.Row, line[2:]
		case strings.HasPrefix(line, "~ "):
			b.Role, b.Text = archive.Boilerplate, line[2:]
		case len(line) > 3 && digit(rune(line[0])) && line[1:3] == ") ":
			b.Kind, b.Level, b.Marker, b.Text = archive.Item, 1, line[:2], line[3:]
		}
		b.Path = path
		if b.Kind == archive.Heading {
			path = []string{b.Text}
			b.Path = nil
		}
		out = append(out, b)
	}
	return out
}

func page(id archive.Seq, text string) *archive.Version {
	return &archive.Version{ID: id, Lang: "en", Title: "A page", Blocks: blocksOf(text)}
}

// listed writes edits one a line.
func listed(es []Edit) string {
	var out []string
	for _, e := range es {
		out = append(out, fmt.Sprintf("%s %d>%d w%d", e.Op, e.From, e.To, e.Weight))
	}
	return strings.Join(out, ", ")
}

const (
	alpha = "The first passage speaks of the arrival of persons.\n"
	beta  = "A second passage sets out how a request is made.\n"
	gamma = "The third one names the authority which is competent.\n"
	delta = "In the fourth the remedies are listed one by one.\n"
)

func TestBlocks(t *testing.T) {
	for _, x := range []struct{ name, before, after, want string }{
		{"nothing", alpha + beta, alpha + beta, ""},
		{"inserted", alpha + gamma, alpha + beta + gamma, "insert -1>1 w3"},
		{"deleted", alpha + beta + gamma, alpha + gamma, "delete 1>-1 w3"},
		{"tiny", alpha, alpha + "Two words.", "insert -1>1 w2"},
		{"moved", alpha + beta + gamma + delta, delta + alpha + beta + gamma, "move 3>0 w2"},
		{"moved with its heading", alpha + beta + gamma + "# Scope\n" + delta, "# Scope\n" + delta + alpha + beta + gamma, "move 3>0 w2, move 4>1 w2"},
		{"reworded", alpha + beta, alpha + strings.Replace(beta, "made", "filed by post", 1), "substitute 1>1 w2"},
		{"reworded twins", "Alone and quite unlike the rest.\n" + beta + gamma, strings.Replace(beta, "made", "filed", 1) + strings.Replace(gamma, "third", "last", 1), "delete 0>-1 w3, substitute 1>0 w2, substitute 2>1 w2"},
		{"split", alpha + "One sentence stands here. Another sentence stands there.\n" + beta, alpha + "One sentence stands here.\nAnother sentence stands there.\n" + beta, "split 1>1 w1"},
		{"joined", alpha + "One sentence stands here.\nAnother sentence stands there.\n" + beta, alpha + "One sentence stands here. Another sentence stands there.\n" + beta, "join 1>1 w1"},
		{"heading renumbered", "# Art. 9\n" + alpha + "# Art. 10\n" + beta, "# Art. 11\n" + alpha + "# Art. 12\n" + beta, "renumber 0>0 w2, renumber 2>2 w2"},
		{"text renumbered", "Art. 9. " + alpha + beta, "Art. 11. " + alpha + beta, "renumber 0>0 w2"},
		{"item renumbered", "1) the first of all items\n2) the second of all items", "1) an item that is new here\n2) the first of all items\n3) the second of all items", "insert -1>0 w3, renumber 0>1 w1, renumber 1>2 w1"},
		{"everything shifted by one", "# Art. 1\n" + alpha + "# Art. 2\n" + beta + "# Art. 3\n" + gamma, "# Art. 1\n" + delta + "# Art. 2\n" + alpha + "# Art. 3\n" + beta + "# Art. 4\n" + gamma,
			"insert -1>0 w2, insert -1>1 w3, renumber 0>2 w2, renumber 2>4 w2, renumber 4>6 w2"},
		{"kind", "- the first of all the items", "the first of all the items", "reformat 0>0 w0"},
		{"quotes", "He said “yes” to all of them.", "He said \"yes\" to all of them.", "reformat 0>0 w0"},
		{"heading reworded", "# Scope\n" + alpha, "# Scope of the Act\n" + alpha, "substitute 0>0 w2"},
		{"banner", alpha + "~ We use cookies on this site.\n", alpha + "~ We use few cookies on all of this site.\n", "substitute 1>1 w0"},
		{"boilerplate came", alpha, alpha + "~ A brand new footer with many words.\n", "insert -1>1 w0"},
		{"row", "| Centre A | 120 places\n| Centre B | 90 places", "| Centre A | 120 places\n| Centre B | 95 places", "substitute 1>1 w4"},
		{"the page's own name", alpha, "# A page\n" + alpha, "insert -1>0 w0"},
		{"role", alpha + beta, "~ " + alpha + beta, "reformat 0>0 w0"},
	} {
		c := Between(page(1, x.before), page(2, x.after))
		if got := listed(c.Edits); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.name, got, x.want)
		}
	}
}

// at is a page of the same text at another address.
func at(address, text string) *archive.Version {
	v := page(3, text)
	v.MovedTo = address
	return v
}

func TestLifecycle(t *testing.T) {
	here, gone := page(1, alpha+beta), &archive.Version{ID: 2, Gone: true, Title: "A page"}
	for _, x := range []struct {
		name     string
		old, new *archive.Version
		id, want string
		senses   []string
	}{
		{"appear", nil, here, "0..1", "insert -1>-1 w4", []string{"appear"}},
		{"withdraw", here, gone, "1..2", "delete -1>-1 w5", []string{"withdraw"}},
		{"restored", gone, here, "2..1", "insert -1>-1 w3", []string{"restored"}},
		{"moved", here, at("https://example.org/b", alpha+beta), "1..3", "substitute -1>-1 w3", []string{"move-url"}},
		{"moved back", at("https://example.org/b", alpha+beta), here, "3..1", "substitute -1>-1 w3", []string{"move-url"}},
		{"went on elsewhere", here, &archive.Version{ID: 2, Gone: true, Title: "A page", MovedTo: "https://example.org/b"}, "1..2", "substitute -1>-1 w3", []string{"move-url"}},
		{"came from elsewhere", nil, &archive.Version{ID: 2, Title: "A page", MovedFrom: "https://example.org/b"}, "0..2", "substitute -1>-1 w3", []string{"move-url"}},
		{"stayed moved", at("https://example.org/b", alpha+beta), at("https://example.org/b", alpha+beta), "3..3", "", []string{}},
		{"still gone", gone, gone, "2..2", "", []string{}},
		{"never there", nil, gone, "0..2", "", []string{}},
		{"nothing", nil, nil, "0..0", "", []string{}},
		{"same", here, here, "1..1", "", []string{}},
	} {
		c := Between(x.old, x.new)
		if got := listed(c.Edits); got != x.want || c.ID() != x.id || !slices.Equal(c.Senses, x.senses) {
			t.Errorf("%s: %s %q %v", x.name, c.ID(), got, c.Senses)
		}
		if c.Summary("en") == "" {
			t.Errorf("%s: no summary", x.name)
		}
	}
}

func TestHousekeepingIsCounted(t *testing.T) {
	c := Between(page(1, alpha+"Last updated: 3 May 2024\n~ Menu one of this site"), page(2, alpha+"Last updated: 4 May 2024\n~ Menu two of this site"))
	if c.Weight != 1 || c.Hidden != 2 || len(c.Edits) != 2 || !slices.Equal(c.Senses, []string{"date-stamp", "nav"}) {
		t.Errorf("weight %d, hidden %d, senses %v", c.Weight, c.Hidden, c.Senses)
	}
	c = Between(page(1, alpha+"Last updated: 3 May 2024\nThere are 751 places."), page(2, alpha+"Last updated: 4 May 2024\nThere are 1145 places."))
	if c.Weight != 4 || c.Hidden != 1 || !slices.Equal(c.Senses, []string{"amount"}) {
		t.Errorf("weight %d, hidden %d, senses %v", c.Weight, c.Hidden, c.Senses)
	}
}

func TestTitle(t *testing.T) {
	a, b := page(1, alpha), page(2, alpha)
	b.Title = "Another page"
	c := Between(a, b)
	if got := listed(c.Edits); got != "substitute -1>-1 w1" {
		t.Errorf("title alone: %s", got)
	}
	a, b = page(1, "# A page\n"+alpha), page(2, "# Another page\n"+alpha)
	b.Title = "Another page"
	if got := listed(Between(a, b).Edits); got != "substitute 0>0 w2" {
		t.Errorf("title and heading: %s", got)
	}
}

// applied makes the new texts of the old ones and the edits: what no edit
// concerns is kept, in its order.
func applied(old []archive.Block, edits []Edit) []string {
	taken := map[int]bool{}
	placed := map[int][]string{}
	for _, e := range edits {
		if e.From >= 0 {
			for k := range strings.Split(e.Before, "\n") {
				taken[e.From+k] = true
			}
		}
		if e.To >= 0 {
			placed[e.To] = strings.Split(e.After, "\n")
		}
	}
	var out []string
	put := func() {
		for texts, ok := placed[len(out)]; ok; texts, ok = placed[len(out)] {
			delete(placed, len(out))
			out = append(out, texts...)
		}
	}
	for i := range old {
		put()
		if !taken[i] {
			out = append(out, old[i].Text)
		}
	}
	put()
	return out
}

func texts(blocks []archive.Block) []string {
	var out []string
	for i := range blocks {
		out = append(out, blocks[i].Text)
	}
	return out
}

// mirrored lists what moved, by text, as seen from the other side if turned.
func mirrored(es []Edit, turned bool) []string {
	var out []string
	for _, e := range es {
		if e.Op == Move {
			from, to := e.From, e.To
			if turned {
				from, to = to, from
			}
			out = append(out, fmt.Sprint(from, ">", to))
		}
	}
	slices.Sort(out)
	return out
}

func FuzzBetween(f *testing.F) {
	f.Add(alpha+beta+gamma, gamma+alpha+"# Art. 9\n"+beta)
	f.Add("1) one two three four five\n2) six seven eight nine ten", "1) six seven eight nine ten\n2) one two three four five")
	f.Add("a b c d. e f g h.\n~ x", "a b c d.\ne f g h.\n# x\n- y")
	f.Add(alpha+alpha+beta+beta, beta+alpha+beta+alpha+"~ "+alpha)
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before)+len(after) > 3000 {
			t.Skip()
		}
		a, b := page(1, before), page(2, after)
		c := Between(a, b)
		if got := applied(a.Blocks, c.Edits); !slices.Equal(got, texts(b.Blocks)) {
			t.Fatalf("edits %s\nmake %q\nwant %q", listed(c.Edits), got, texts(b.Blocks))
		}
		for _, e := range c.Edits {
			if rebuilt(e.Words, Inserted) != e.Before || rebuilt(e.Words, Deleted) != e.After {
				t.Fatalf("words of %+v", e)
			}
			if e.Role == archive.Boilerplate && e.Weight > 1 || e.Weight < 0 || e.Weight > 5 {
				t.Fatalf("weight of %+v", e)
			}
		}
		if !reflect.DeepEqual(c, Between(a, b)) {
			t.Fatal("two runs differ")
		}
		if es := Between(a, page(2, before)).Edits; len(es) > 0 {
			t.Fatalf("a page and itself: %s", listed(es))
		}
		if back := Between(b, a); !slices.Equal(mirrored(c.Edits, false), mirrored(back.Edits, true)) {
			t.Fatalf("moves %v, and back %v", mirrored(c.Edits, false), mirrored(back.Edits, true))
		}
		for _, lang := range languages {
			if c.Summary(lang) == "" {
				t.Fatal("no summary")
			}
		}
	})
}

// What looks like text and is the frame of the page, or only was read as such.
func TestFrames(t *testing.T) {
	const text = "# Leave\nThe director decides on leave within ten days.\n"
	for _, x := range []struct{ name, before, after, want string }{
		{"a list of links goes as one", text + "Privacy policy\nTerms of use\nContact\nSpring sale\nSitemap", text,
			"delete 2>-1 w0, delete 3>-1 w0, delete 4>-1 w0, delete 5>-1 w1, delete 6>-1 w0"},
		{"a list of what may be brought is no list of links", text + "Passport\nPhotograph\nContact\nBirth certificate", text,
			"delete 2>-1 w2, delete 3>-1 w2, delete 4>-1 w0, delete 5>-1 w2"},
		{"a few words that are now read as the frame", text + "Useful addresses", text + "~ Useful addresses",
			"delete 2>-1 w1, insert -1>2 w0"},
		{"links to what else there is to read", text + "# Read also\n- Family reunification\n- Naturalisation of children", text + "# Read also\n- Naturalisation of children\n- Closed centres and their rules",
			"delete 3>-1 w1, insert -1>4 w1"},
		{"a provision under the same heading", text + "# See also", text + "# See also\nWhoever is refused leave may appeal within ten days.", "insert -1>3 w3"},
		{"an address, a line a paragraph", text + "Acme House\n42 Charlemont Street\nDublin", text + "1 Hatch Street Upper\nDublin",
			"delete 2>-1 w2, delete 3>-1 w2, insert -1>2 w2"},
	} {
		if got := listed(Between(page(1, x.before), page(2, x.after)).Edits); got != x.want {
			t.Errorf("%s:\n%s, want\n%s", x.name, got, x.want)
		}
	}
}

// Where a page bears its site's name above the text is no news.
func TestNameOfSite(t *testing.T) {
	old, new := page(1, alpha), page(2, "The Office\n"+alpha)
	old.Title, new.Title = "Leave | The Office", "Leave | The Office"
	if c := Between(old, new); c.Weight >= news {
		t.Errorf("weight %d: %s", c.Weight, listed(c.Edits))
	}
	new.Title = "Leave"
	if c := Between(old, new); c.Weight < news {
		t.Errorf("a text that is no part of both titles: %s", listed(c.Edits))
	}
}

// A list of links that is read as text in one version and as the frame in the
// other: a link that came or went is one of the frame, unless it is a sentence,
// has figures, or stands at the end of the list.
func TestListsThatChangeTheirRole(t *testing.T) {
	list := func(role archive.Role, items ...string) *archive.Version {
		v := page(1, alpha+beta)
		for _, s := range items {
			v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Item, Level: 1, Marker: "•", Role: role, Text: s})
		}
		return v
	}
	before := []string{"Corporate Terms of Service", "Sponsors Additional Terms of Use", "Registered Developer Agreement of Members"}
	for _, x := range []struct {
		at     int
		text   string
		weight int
	}{
		{1, "Copilot Pre-release Terms", 1},
		{1, "An appeal must be lodged within ten days.", 3},
		{1, "Royal Decree of 8 October 1981", 3},
		{3, "Copilot Pre-release Terms", 2},
	} {
		old, new := list(archive.Boilerplate, before...), list(archive.Main, slices.Insert(slices.Clone(before), x.at, x.text)...)
		for _, c := range []*Change{Between(old, new), Between(new, old)} {
			if c.Weight != x.weight {
				t.Errorf("%s, at %d: weight %d, want %d: %s", x.text, x.at, c.Weight, x.weight, listed(c.Edits))
			}
		}
	}
}

// What moves without meaning: the title of the page, and what a menu says.
func TestMovesWithoutMeaning(t *testing.T) {
	for _, x := range []struct {
		text   string
		weight int
	}{{"Leave of absence for all staff", 1}, {"Time limits for all of the staff", 2}} {
		old, new := page(1, "# "+x.text+"\n# Table of contents\n"+alpha+beta+gamma), page(2, alpha+beta+gamma+"# "+x.text+"\n# Table of contents")
		old.Title, new.Title = "Leave of absence for all staff", "Leave of absence for all staff"
		if c := Between(old, new); c.Weight != x.weight || c.Edits[1].Op != Move || c.Edits[1].Weight != 1 {
			t.Errorf("%s: weight %d, want %d: %s", x.text, c.Weight, x.weight, listed(c.Edits))
		}
	}
}
