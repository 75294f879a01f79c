package extract

import (
	"regexp"
	"slices"
	"strings"

	"veille/archive"
)

// A pdfNote is a footnote under way.
type pdfNote struct {
	marker, text string
	page         int
}

// noteMark matches the mark with which a footnote begins.
var noteMark = regexp.MustCompile(`^([⁰¹²³⁴⁵⁶⁷⁸⁹]{1,4}|\([0-9]{1,3}\)|\[[0-9]{1,3}\]|[0-9]{1,3}|\*{1,3}|†|‡)[.)]?[ ]?(\S.*)$`)

// noteSize is how small a footnote is set, against the body of the text.
const noteSize = 0.93

// takeNotes takes the footnotes out of the pages: the small lines at the end
// of a page or column, from the first that begins with a mark. What stands
// above that goes on with the last note of the page before.
func takeNotes(pages []pdfPage, running map[string]bool, body float64) []pdfNote {
	var notes []pdfNote
	for n := range pages {
		lines := pages[n].lines
		take := make([]bool, len(lines))
		found := false
		for end := len(lines); end > 0; {
			start := end - 1
			for start > 0 && lines[start-1].block == lines[start].block {
				start--
			}
			found = markNotes(lines[start:end], take[start:end], running, body, len(notes) > 0 && notes[len(notes)-1].page == n-1) || found
			end = start
		}
		if !found {
			continue
		}
		for i := range lines {
			if take[i] {
				notes = addNote(notes, lines[i].text, n)
			}
		}
		kept := make([]pdfLine, 0, len(lines))
		for i := range lines {
			if !take[i] {
				kept = append(kept, lines[i])
			}
		}
		pages[n].lines = kept
	}
	return notes
}

// markNotes finds the notes at the end of lines that stand together.
func markNotes(lines []pdfLine, take []bool, running map[string]bool, body float64, goesOn bool) bool {
	isRunning := func(l *pdfLine) bool { return running[runningKey(l.text)] || isPageNumber(l.text) }
	first, start := -1, len(lines)
	for i := len(lines) - 1; i >= 0; i-- {
		l := &lines[i]
		if isRunning(l) {
			continue
		}
		if l.row || l.size <= 0 || l.size >= body*noteSize {
			break
		}
		start = i
		if noteMark.MatchString(l.text) {
			first = i
		}
	}
	if first < 0 || start == 0 && !goesOn && first > 0 {
		return false
	}
	if goesOn && start > 0 {
		first = min(first, start)
	}
	for i := first; i < len(lines); i++ {
		take[i] = !isRunning(&lines[i])
	}
	return true
}

// addNote adds a line to the notes: it begins one, or goes on with the last.
func addNote(notes []pdfNote, line string, page int) []pdfNote {
	m := noteMark.FindStringSubmatch(line)
	last := len(notes) - 1
	if m != nil && (last < 0 || followsMark(notes[last].marker, m[1]) || endsSentence(notes[last].text)) {
		return append(notes, pdfNote{marker: raise(m[1]), text: m[2], page: page})
	}
	if last < 0 {
		return append(notes, pdfNote{marker: "*", text: line, page: page})
	}
	if len(notes[last].text) < maxParagraph {
		notes[last].text = (&joiner{}).join(notes[last].text, line)
	} else {
		notes = append(notes, pdfNote{marker: notes[last].marker, text: line, page: page})
	}
	return notes
}

var lowered = strings.NewReplacer("⁰", "0", "¹", "1", "²", "2", "³", "3", "⁴", "4", "⁵", "5", "⁶", "6", "⁷", "7", "⁸", "8", "⁹", "9", "(", "", ")", "", "[", "", "]", "")

// followsMark reports whether a mark is the next number, or no number.
func followsMark(before, mark string) bool {
	a, b := lowered.Replace(before), lowered.Replace(mark)
	if strings.Trim(b, "0123456789") != "" {
		return true
	}
	return number(b) == number(a)+1 || mark != b
}

// placeNotes gives each note the paragraph that refers to it: on its page, one
// in which its mark stands, else the last.
func placeNotes(notes []pdfNote, paras []para) []note {
	out := make([]note, 0, len(notes))
	from := 0
	for i := range notes {
		n := &notes[i]
		at, last := -1, -1
		for ; from < len(paras) && paras[from].page < n.page; from++ {
		}
		for k := max(0, from-1); k < len(paras) && (paras[k].page <= n.page || k == from); k++ {
			if paras[k].role != archive.Main {
				continue
			}
			last = k
			if at < 0 && n.marker != "" && strings.Contains(paras[k].text, n.marker) {
				at = k
			}
		}
		if at < 0 {
			at = last
		}
		out = append(out, note{archive.Block{Kind: archive.Item, Role: archive.Main, Level: 1, Marker: n.marker, Text: n.text}, at})
	}
	return slices.Clip(out)
}
