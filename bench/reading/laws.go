package main

import (
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"veille/archive"
	"veille/extract"
)

// A law is a set of dated states of one act, as Markdown.
type law struct {
	name, glob string
	lang       string
	article    *regexp.Regexp // a line that begins an article; its group is the number
}

var laws = []law{
	{"be-fr-constitution", "be-fr-constitution/versions/*.md", "fr", regexp.MustCompile(`(?m)^\*\*\*Article ([^*]+?)\*\*\*`)},
	{"be-fr-loi-1999-04-29", "be-fr-loi-1999-04-29/versions/*.md", "fr", regexp.MustCompile(`(?m)^\*\*Art(?:icle|\.) ([^*]+?)\.?\*\*`)},
	{"fr-ceseda", "fr-ceseda/versions/*.md", "fr", regexp.MustCompile(`(?m)^(?:#+ )?(?:\*\*)?Article ([LRD]?\*?[0-9][^\n*]*?)(?:\*\*)?$`)},
	{"de-gesetze", "de-gesetze/*/*.md", "de", regexp.MustCompile(`(?m)^#+ §§? ?([0-9]+[a-z]?)\b`)},
	{"de-ch-li", "de-ch-li/*/*.md", "de", regexp.MustCompile(`(?m)^#+ \**Art\. ?([0-9]+(?:\*{0,3}[a-z]{1,2}?(?:bis|ter|quater)?\b\*?)?(?:<sup>[a-z ]+</sup>)?(?:[ \x{a0}](?:bis|ter|quater)\b|\*{0,3}–\*{0,3}[0-9]+)?)`)},
	{"nl-rijkswet, nl-wet-coa", "nl-vreemdelingenrecht/[rw]*/*.md", "nl", regexp.MustCompile(`(?m)^#+ *Artikel +([0-9IVXLC]+[0-9a-zA-Z.:]*)`)},
	{"nl-vreemdelingenwet", "nl-vreemdelingenrecht/vreemdelingenwet-2000/*.md", "nl", regexp.MustCompile(`(?m)^#+ *Artikel +([0-9IVXLC]+[0-9a-zA-Z.:]*)`)},
	{"nl-voorschrift", "nl-vreemdelingenrecht/voorschrift*/*.md", "nl", regexp.MustCompile(`(?m)^#+ *Artikel +([0-9IVXLC]+[0-9a-zA-Z.:]*)`)},
	{"en-ca-irpa", "en-fr-canada/en-ca-irpa/*.md", "en", regexp.MustCompile(`(?m)^### ([0-9.]+)$`)},
	{"fr-ca-lipr", "en-fr-canada/fr-ca-lipr/*.md", "fr", regexp.MustCompile(`(?m)^### ([0-9.]+)$`)},
}

// laws measures on real acts, put into the frame of a site as pages: which of
// their articles are found as such, in a block of main text with an anchor.
func (b *bench) laws(ctx context.Context) error {
	fmt.Printf("\n%-24s %7s %9s %8s %10s %10s %9s\n", "laws as pages", "states", "articles", "recall", "precision", "text kept", "anchors")
	for _, l := range laws {
		files, _ := filepath.Glob(filepath.Join(b.data, l.glob))
		if len(files) == 0 {
			fmt.Printf("%-24s skipped, not in %s\n", l.name, b.data)
			continue
		}
		if err := b.law(ctx, &l, files); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) law(ctx context.Context, l *law, files []string) error {
	states, want, right, found, kept, all, anchored := 0, 0, 0, 0, 0, 0, 0
	for i, file := range files {
		if i%max(1, len(files)/8) != 0 && i != len(files)-1 { // up to nine states, the last among them
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		truth := map[string]bool{}
		for _, m := range l.article.FindAllStringSubmatch(string(text), -1) {
			truth[normal(m[1])] = true
		}
		t, err := readPage(ctx, []byte(asPage(string(text), l.lang)), "https://law.example/act", nil)
		if err != nil {
			return err
		}
		if t.Version == nil {
			fmt.Printf("    %s: %s %s\n", file, t.Class, t.Reason)
			continue
		}
		states++
		got := articlesOf(t.Version.Blocks)
		want += len(truth)
		found += len(got)
		for a := range got {
			if truth[a] {
				right++
			} else if b.worst > 0 {
				fmt.Printf("    %s: not an article: %q\n", filepath.Base(file), a)
			}
		}
		for a := range truth {
			if !got[a] && b.worst > 0 {
				fmt.Printf("    %s: not found: %q\n", filepath.Base(file), a)
			}
		}
		for i, a := range extract.Anchors(t.Version.Blocks) {
			bl := &t.Version.Blocks[i]
			if bl.Role == archive.Main {
				kept += len(bl.Text)
			}
			all += len(bl.Text)
			if a != "" && bl.Role == archive.Main {
				anchored++
			}
		}
	}
	fmt.Printf("%-24s %7d %9d %7.2f%% %9.2f%% %9.2f%% %9d\n", l.name, states, want, 100*ratio(right, want), 100*ratio(right, found), 100*ratio(kept, all), anchored)
	return nil
}

// normal writes an article's number in one way.
func normal(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.NewReplacer("1er", "1", "premier", "1", "*", "", "\u00a0", " ", "<sup>", "", "</sup>", "").Replace(s)
	if i := strings.IndexAny(s, "[(^"); i > 0 {
		s = s[:i]
	}
	return strings.Trim(strings.ReplaceAll(s, " ", ""), ".:")
}

var articleWord = regexp.MustCompile(`^(?i:art(?:\.|icle|ikel)?|§)\s*`)
var bareNumber = regexp.MustCompile(`^[0-9]+(?:\.[0-9]+)*$`)

// articlesOf lists the articles that a page's blocks begin.
func articlesOf(blocks []archive.Block) map[string]bool {
	out := map[string]bool{}
	for i := range blocks {
		b := &blocks[i]
		if b.Role != archive.Main {
			continue
		}
		name := ""
		switch {
		case b.Kind == archive.Article:
			name = b.Marker
		case b.Kind == archive.Heading:
			name = b.Text
		default:
			continue
		}
		if b.Kind == archive.Heading && bareNumber.MatchString(name) {
			out[name] = true
			continue
		}
		if !articleWord.MatchString(name) || b.Kind == archive.Article && strings.HasPrefix(name, "§") && slices.ContainsFunc(b.Path, func(s string) bool { return strings.HasPrefix(strings.ToLower(s), "art") }) {
			continue
		}
		a := articleWord.ReplaceAllString(name, "")
		if j := strings.Index(a, " §"); j > 0 {
			a = a[:j]
		}
		if b.Kind == archive.Heading {
			if f := strings.Fields(a); len(f) > 0 {
				a = f[0]
				if len(f) > 1 && latinWord.MatchString(f[1]) {
					a += f[1]
				}
			}
		}
		out[normal(a)] = true
	}
	return out
}

var latinWord = regexp.MustCompile(`^(?:bis|ter|quater|quinquies|sexies|septies|octies|novies|decies)\b`)

// asPage renders the little Markdown the sets use in the frame of a site.
func asPage(md, lang string) string {
	if rest, ok := strings.CutPrefix(md, "---\n"); ok {
		if _, body, ok := strings.Cut(rest, "\n---\n"); ok {
			md = body
		}
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<!doctype html><html lang="%s"><head><title>Act</title></head><body><header class="site-header"><a href="/">Home</a><nav class="menu"><ul>`, lang)
	for _, x := range []string{"Legislation", "Search", "About", "Contact", "Help"} {
		fmt.Fprintf(&s, `<li><a href="/%s">%s</a></li>`, x, x)
	}
	s.WriteString(`</ul></nav></header><div id="content">` + "\n")
	inList := false
	for part := range strings.SplitSeq(strings.ReplaceAll(md, "\r", ""), "\n\n") {
		for piece := range headingsApart(strings.TrimSpace(part)) {
			item := strings.HasPrefix(piece, "- ")
			if item != inList {
				s.WriteString(map[bool]string{true: "<ul>", false: "</ul>\n"}[item])
				inList = item
			}
			switch level := len(piece) - len(strings.TrimLeft(piece, "#")); {
			case piece == "":
			case level > 0:
				fmt.Fprintf(&s, "<h%d>%s</h%d>\n", min(level, 6), inline(strings.TrimLeft(piece, "# ")), min(level, 6))
			case item:
				fmt.Fprintf(&s, "<li>%s</li>\n", inline(piece[2:]))
			default:
				fmt.Fprintf(&s, "<p>%s</p>\n", inline(piece))
			}
		}
	}
	s.WriteString(`</div><footer class="footer"><p>© Official publisher</p><a href="/privacy">Privacy</a> <a href="/terms">Terms</a></footer></body></html>`)
	return s.String()
}

// headingsApart splits a paragraph at the lines that are headings.
func headingsApart(part string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		var lines []string
		for line := range strings.SplitSeq(part, "\n") {
			if strings.HasPrefix(line, "#") {
				if len(lines) > 0 && !yield(strings.Join(lines, "\n")) {
					return
				}
				lines = nil
				if !yield(line) {
					return
				}
				continue
			}
			lines = append(lines, line)
		}
		yield(strings.Join(lines, "\n"))
	}
}

var bold = regexp.MustCompile(`\*\*\*(.+?)\*\*\*|\*\*(.+?)\*\*|\*([a-z]{1,2})\*`)

func inline(s string) string {
	s = html.EscapeString(s)
	s = strings.NewReplacer("&lt;sup&gt;", "<sup>", "&lt;/sup&gt;", "</sup>").Replace(s)
	s = strings.ReplaceAll(s, "  \n", "<br>\n")
	return bold.ReplaceAllString(s, "<b>$1$2$3</b>")
}
