package main

import (
	"encoding/json"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"veille/archive"
	"veille/diff"
)

// A step is what was found between two states.
type step struct {
	change  *diff.Change
	touched map[string]bool // articles in which the text differs
	truth   map[string]bool // articles whose words are not the same
	listed  map[string]bool // articles that the set itself lists
	// headings reports that a heading of a chapter or of the whole differs:
	// then something has changed although no article has.
	headings bool
}

// wordings is the text of each article, all its blocks in one.
func wordings(v *archive.Version, keys []string) map[string]string {
	parts := map[string][]string{}
	for i := range v.Blocks {
		if keys[i] != "" {
			parts[keys[i]] = append(parts[keys[i]], v.Blocks[i].Marker, v.Blocks[i].Text)
		}
	}
	out := map[string]string{}
	for key, p := range parts {
		out[key] = strings.Join(strings.Fields(strings.Join(p, " ")), " ")
	}
	return out
}

// headings are all headings of a version.
func headings(v *archive.Version) string {
	var out []string
	for i := range v.Blocks {
		if v.Blocks[i].Kind == archive.Heading {
			out = append(out, v.Blocks[i].Text)
		}
	}
	return strings.Join(out, "\n")
}

// differing lists the articles that are not the same in both.
func differing(a, b map[string]string) map[string]bool {
	out := map[string]bool{}
	for key, text := range a {
		if other, ok := b[key]; !ok || other != text {
			out[key] = true
		}
	}
	for key := range b {
		if _, ok := a[key]; !ok {
			out[key] = true
		}
	}
	return out
}

// load reads the list of states.
func (l *law) load(data string) ([]*state, error) {
	raw, err := os.ReadFile(filepath.Join(data, l.dir, l.index))
	if err != nil {
		return nil, err
	}
	var all []*state
	if err := json.Unmarshal(raw, &all); err != nil {
		var doc struct{ Versions []*state }
		if err := json.Unmarshal(raw, &doc); err != nil {
			return nil, err
		}
		all = doc.Versions
	}
	var out []*state
	for _, s := range all {
		if s.File == "" {
			s.File = s.name() + ".md"
		}
		if l.from != "" && (s.name() < l.from || s.name() > l.until) {
			continue
		}
		if _, err := os.Stat(filepath.Join(data, l.dir, l.states, s.File)); err == nil {
			out = append(out, s)
		}
	}
	return out, nil
}

// version reads a state as a page.
func (l *law) version(data string, s, before *state) (*archive.Version, error) {
	raw, err := os.ReadFile(filepath.Join(data, l.dir, l.states, s.File))
	if err != nil {
		return nil, err
	}
	var last *archive.Version
	if before != nil {
		last = before.version
	}
	v, err := read([]byte(l.page(string(raw), l.note(s))), "text/html; charset=utf-8", l.lang, last)
	if err == nil && v == nil {
		err = fmt.Errorf("%s is no content", s.File)
	}
	return v, err
}

// page writes a state out as a plain web page: an article is a heading.
func (l *law) page(text, note string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html><html lang=%q><head><title>%s</title></head><body><main><h1>%[2]s</h1>\n", l.lang, l.name)
	if strings.HasPrefix(text, "---\n") {
		if i := strings.Index(text[4:], "\n---\n"); i >= 0 {
			text = text[4+i+5:]
		}
	}
	for _, line := range strings.Split(note, " / ") {
		if line != "" {
			fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(line))
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		switch m := l.article.FindStringSubmatch(line); {
		case line == "" || strings.HasPrefix(line, "<meta"):
		case m != nil:
			fmt.Fprintf(&b, "<h4>%s</h4>\n", html.EscapeString(plain(m[1])))
			if len(m) > 2 && m[2] != "" {
				fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(plain(m[2])))
			}
		case l.heading.MatchString(line):
			fmt.Fprintf(&b, "<h2>%s</h2>\n", html.EscapeString(plain(l.heading.FindStringSubmatch(line)[1])))
		default:
			fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(plain(line)))
		}
	}
	b.WriteString("</main></body></html>\n")
	return b.String()
}

// note is what the publisher's page says of its state, above the text.
func (l *law) note(s *state) string {
	switch {
	case s.Stand != "":
		return "Stand: " + s.Stand
	case s.Current != "" && l.lang == "en":
		return "Act current to " + s.Current + " and last amended on " + s.Amended + "."
	case s.Current != "":
		return "Loi à jour " + s.Current + "; dernière modification le " + s.Amended + "."
	}
	return ""
}

// plain takes the marks of emphasis out of a line.
func plain(s string) string { return strings.ReplaceAll(s, "*", "") }

// keys tells of each block the article it lies in, "" outside of articles.
// Headings between articles belong to neither, nor does the publisher's note of
// amendments under one: they are of the next chapter.
func (l *law) keys(v *archive.Version) []string {
	out := make([]string, len(v.Blocks))
	key, headings := "", 0
	for i := range v.Blocks {
		b := &v.Blocks[i]
		switch {
		case b.Kind == archive.Heading && b.Level == 4:
			clear(out[i-headings : i])
			key, headings = articleKey(b.Text), 0
		case b.Kind == archive.Heading, headings > 0 && strings.HasPrefix(b.Text, "`("):
			headings++
		default:
			headings = 0
		}
		out[i] = key
	}
	clear(out[len(out)-headings:])
	return out
}

// articleKey is an article's name as all histories write it: "9", "9bis", "l111-1".
func articleKey(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	for _, p := range []string{"article ", "artikel ", "art. ", "§§ ", "§ "} {
		s = strings.TrimPrefix(s, p)
	}
	s, _, _ = strings.Cut(s, " ")
	if s == "1er" {
		s = "1"
	}
	return strings.TrimRight(s, ".")
}

// compare finds the articles in which the text differs.
func (l *law) compare(a, b *state) *step {
	x := &step{change: diff.Between(a.version, b.version), touched: map[string]bool{}, listed: map[string]bool{}}
	for _, list := range [][]string{b.Changed, b.Added, b.Removed} {
		for _, name := range list {
			x.listed[articleKey(name)] = true
		}
	}
	was, is := l.keys(a.version), l.keys(b.version)
	x.truth = differing(wordings(a.version, was), wordings(b.version, is))
	x.headings = headings(a.version) != headings(b.version)
	whole := map[string]bool{} // articles that moved with their heading
	for i := range x.change.Edits {
		if e := &x.change.Edits[i]; e.Op == diff.Move && a.version.Blocks[e.From].Level == 4 {
			whole[was[e.From]] = true
		}
	}
	for i := range x.change.Edits {
		e := &x.change.Edits[i]
		from, to := "", ""
		if e.From >= 0 {
			from = was[e.From]
		}
		if e.To >= 0 {
			to = is[e.To]
		}
		if from == to && e.Op != diff.Move && sameWords(e.Before, e.After) || e.Op == diff.Move && whole[from] && whole[to] {
			continue
		}
		if from != "" {
			x.touched[from] = true
		}
		if to != "" {
			x.touched[to] = true
		}
	}
	return x
}

// sameWords reports whether two texts differ in white space only.
func sameWords(a, b string) bool {
	return a == b || slices.Equal(strings.Fields(a), strings.Fields(b))
}
