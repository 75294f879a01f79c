package extract

import (
	"fmt"
	"strings"
	"testing"

	"veille/archive"
)

// roleOf returns the role that the latest version of a page gives the block
// with that text, "" if it has none.
func (w *world) roleOf(url, text string) archive.Role {
	w.t.Helper()
	p, err := w.a.Page(w.t.Context(), url)
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := w.a.Version(w.t.Context(), p.Latest)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range v.Blocks {
		if strings.Contains(v.Blocks[i].Text, text) {
			return v.Blocks[i].Role
		}
	}
	return ""
}

const lawPage = `<html lang=en><title>Act</title><body><main><h1>Detention Act</h1>
<h2>Article 1</h2><p>A person may be detained for %s days at most, after a decision that gives its reasons.</p>
<h2>Article 2</h2><p>The period may be extended once, by the court, if the person does not cooperate.</p>
<h2>Notes</h2><p>%s</p><p>%s</p></main></body></html>`

// TestVolatile: a counter that changes at every look becomes chrome once it
// has been seen to; what stands in an article never does, however often it
// changes, and the first change after a quiet time is told.
func TestVolatile(t *testing.T) {
	const url = "https://example.org/act"
	w := newWorld(t)
	for i := range 7 {
		w.answer(url, 200, fmt.Sprintf(lawPage, fmt.Sprint(20+i), fmt.Sprintf("This act has been read %d times by visitors of this site.", 1000+17*i), "It was last amended on 3 May 2024 by the parliament."))
		w.sync()
	}
	if r := w.roleOf(url, "has been read"); r != archive.Boilerplate {
		t.Errorf("the counter is %s", r)
	}
	if r := w.roleOf(url, "may be detained for 26 days"); r != archive.Main {
		t.Errorf("an article that changed every day is %s", r)
	}
	if r := w.roleOf(url, "last amended"); r != archive.Main {
		t.Errorf("a date that did not change is %s", r)
	}
	p, _ := w.a.Page(t.Context(), url)
	h, err := Learn(t.Context(), w.a, p)
	if err != nil {
		t.Fatal(err)
	}
	var c choice
	blocks := []archive.Block{{Kind: archive.Paragraph, Role: archive.Main, Path: []string{"Detention Act", "Remarks"}, Text: "This act has been read 2000 times by visitors of this site."},
		{Kind: archive.Paragraph, Role: archive.Main, Path: []string{"Detention Act", "Remarks"}, Text: strings.Repeat("Other text. ", 40)}}
	h.settle(blocks, &c)
	if len(c.why) != 1 || !strings.Contains(c.why[0], "changed in 6 of the last 6 steps") {
		t.Errorf("explained by %q", c.why)
	}
}

// TestQuietDate: the date of a page that changes rarely stays main text,
// although it changes whenever the page does.
func TestQuietDate(t *testing.T) {
	const url = "https://example.org/act"
	w := newWorld(t)
	for i := range 12 {
		n := i / 2 // every other look sees no change
		w.answer(url, 200, fmt.Sprintf(lawPage, fmt.Sprint(20+n), "The register holds all acts in force.", fmt.Sprintf("It was last amended on %d May 2024 by the parliament.", 1+n)))
		w.sync()
	}
	if r := w.roleOf(url, "last amended"); r != archive.Main {
		t.Errorf("the date of the law is %s", r)
	}
}

// TestUnlearn: what no longer moves is main text again.
func TestUnlearn(t *testing.T) {
	const url = "https://example.org/act"
	w := newWorld(t)
	page := func(days, n int) string {
		return fmt.Sprintf(lawPage, fmt.Sprint(days), fmt.Sprintf("This act has been read %d times by visitors of this site.", n), "It is in force.")
	}
	for i := range 6 {
		w.answer(url, 200, page(20, i))
		w.sync()
	}
	if r := w.roleOf(url, "has been read"); r != archive.Boilerplate {
		t.Fatalf("the counter is %s", r)
	}
	for range 4 {
		w.answer(url, 200, page(20, 5))
		w.sync()
	}
	w.answer(url, 200, page(30, 6))
	w.sync()
	p, _ := w.a.Page(t.Context(), url)
	h, err := Learn(t.Context(), w.a, p)
	if err != nil {
		t.Fatal(err)
	}
	if h.restless() {
		t.Error("a page that was quiet for four looks is still taken for restless")
	}
}

// TestShared: a doubtful text that most pages of a host have is chrome.
func TestShared(t *testing.T) {
	w := newWorld(t)
	const promise = "Our office is open to all on working days"
	for i := range 8 {
		w.answer(fmt.Sprintf("https://example.org/p%d", i), 200, fmt.Sprintf(`<html lang=en><body><div class="content"><h1>Notice %d</h1>
<p>%s</p><p>%s</p></div></body></html>`, i, strings.Repeat(fmt.Sprintf("This notice is about the case number %d and nothing else, as the court has said before. ", i), 6), promise))
		w.sync()
	}
	p, _ := w.a.Page(t.Context(), "https://example.org/p7")
	h, err := Learn(t.Context(), w.a, p)
	if err != nil {
		t.Fatal(err)
	}
	if n, shared := h.isShared(textKey(promise)); !shared || n != 8 {
		t.Errorf("shared by %d pages, %t; want 8, true", n, shared)
	}
	if _, shared := h.isShared(textKey("Notice 7")); shared {
		t.Error("a title of one page is taken for shared")
	}
}

// TestSharedMain: what nearly all pages of a host have is chrome although it
// reads like main text, and main text again where it is on few; a change of it
// is told.
func TestSharedMain(t *testing.T) {
	w := newWorld(t)
	const (
		notice = "This site of the registry gives information about the rights of persons who wait for a decision. Nothing on it is legal advice, and only the printed edition of an act can be relied on before the courts."
		newer  = "This site of the registry gives information about the rights of persons who wait for a decision. Whoever relies on it before the courts is protected from the consequences of a mistake made here."
	)
	own := []string{"detention", "shelter", "schooling", "health care", "housing", "work permits", "travel papers"}
	url := func(i int) string { return fmt.Sprintf("https://example.org/p%d", i) }
	page := func(i int, notice string) {
		w.answer(url(i), 200, fmt.Sprintf(`<html lang=en><body><main><h1>About %s</h1><p>%s</p><p>%s</p><p>%[2]s</p></main></body></html>`, own[i],
			strings.Repeat(fmt.Sprintf("Whoever asks for %[1]s writes to the office, which answers within %d days and says what is missing for %[1]s. ", own[i], 20+i), 6), notice))
		w.sync()
	}
	for i := range own {
		page(i, notice)
	}
	last := url(len(own) - 1)
	if r := w.roleOf(last, "printed edition"); r != archive.Boilerplate {
		t.Errorf("a notice on all pages is %s", r)
	}
	if r := w.roleOf(last, "Whoever asks for travel papers"); r != archive.Main {
		t.Errorf("the page's own text is %s", r)
	}
	p, _ := w.a.Page(t.Context(), last)
	h, err := Learn(t.Context(), w.a, p)
	if err != nil {
		t.Fatal(err)
	}
	var c choice
	block := []archive.Block{{Kind: archive.Paragraph, Role: archive.Main, Text: notice}, {Kind: archive.Paragraph, Role: archive.Main, Text: strings.Repeat("Other text. ", 60)}}
	h.settle(block, &c)
	if len(c.why) != 1 || !strings.Contains(c.why[0], "on 7 of 7 pages of the host") {
		t.Errorf("explained by %q", c.why)
	}
	if h.settle(block[:1], &c); len(c.why) != 1 {
		t.Error("a page that is nothing but shared text has lost it")
	}
	page(0, newer)
	if r := w.roleOf(url(0), "a mistake made here"); r != archive.Main {
		t.Errorf("the new wording on the first page is %s", r)
	}
	for i := 1; i < 4; i++ {
		page(i, newer)
	}
	page(6, strings.Replace(notice, "Nothing", "No word", 1))
	page(6, notice)
	if r := w.roleOf(last, "printed edition"); r != archive.Main {
		t.Errorf("a notice that few pages have still is %s", r)
	}
}

// TestVolatileSection: what moves under a heading of the first level is learned
// too, but not what stands under the title of the page.
func TestVolatileSection(t *testing.T) {
	const url = "https://example.org/notice"
	w := newWorld(t)
	for i := range 8 {
		w.answer(url, 200, fmt.Sprintf(`<html lang=en><body><main><h1>Office</h1><p>It is open to everybody, and today is %s.</p><h2>Conditions</h2><p>%s</p><h1>More to read</h1><p>%s</p></main></body></html>`,
			[]string{"Monday", "Tuesday", "Wednesday", "Thursday"}[i%4], strings.Repeat("Whoever wants to be heard asks for a day in writing, and is given one within the month that follows. ", 6),
			[]string{"How the court decided on the costs of a journey", "What the minister said about the new centre", "Who may see the files of a case"}[i%3]))
		w.sync()
	}
	if r := w.roleOf(url, "What the minister said"); r != archive.Boilerplate {
		t.Errorf("what moves below the text is %s", r)
	}
	if r := w.roleOf(url, "open to everybody"); r != archive.Main {
		t.Errorf("a line under the title is %s", r)
	}
}

// TestFlip: when a source's selector stops matching, the difference that our
// reading makes is kept apart from what the publisher changed.
func TestFlip(t *testing.T) {
	const url = "https://example.org/act"
	w := newWorld(t)
	w.list.Sources[0].Select = []string{".law"}
	page := func(class, text string) string {
		return fmt.Sprintf(`<html lang=en><body><h1>Act</h1><div class="intro"><p>%s</p></div><div class="%s"><p>%s</p></div></body></html>`,
			strings.Repeat("What this act is about, in plain words for everyone. ", 6), class, strings.Repeat(text, 8))
	}
	w.answer(url, 200, page("law", "The period is thirty days. "))
	w.sync()
	w.answer(url, 200, page("text", "The period is sixty days. "))
	w.sync()
	p, err := w.a.Page(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	steps, err := w.a.Steps(t.Context(), archive.StepFilter{Page: p.ID, Oldest: true})
	if err != nil {
		t.Fatal(err)
	}
	var causes []archive.Cause
	for _, s := range steps {
		causes = append(causes, s.Cause)
	}
	if len(causes) < 2 || causes[len(causes)-1] != archive.Published || causes[len(causes)-2] != archive.Reextracted {
		t.Fatalf("causes %v, want … reextracted published", causes)
	}
	last := steps[len(steps)-1]
	from, err := w.a.Version(t.Context(), last.From)
	if err != nil {
		t.Fatal(err)
	}
	if from.Strategy != strategyScored {
		t.Errorf("the change is told against a version read by %q", from.Strategy)
	}
}
