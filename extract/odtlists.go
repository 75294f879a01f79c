package extract

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// The part of odt that knows headings, lists and tables.

// nextMarker counts one paragraph at a level and writes its mark.
func nextMarker(levels *[10]odtLevel, counts *[10]int, l int) string {
	own := levels[l]
	if own.bullet {
		return "•"
	}
	if counts[l] == 0 {
		counts[l] = max(own.start, 1) - 1
	}
	counts[l]++
	for i := l + 1; i < 10; i++ {
		counts[i] = 0
	}
	if own.format == "" {
		return ""
	}
	var parts []string
	for i := max(0, l-own.shown+1); i <= l; i++ {
		if levels[i].format != "" {
			parts = append(parts, counted(max(counts[i], 1), levels[i].format))
		}
	}
	return strings.TrimSpace(own.prefix + strings.Join(parts, ".") + own.suffix)
}

// list reads a list. A list in a list goes on in its style.
func (w *odt) list(x *xmlStream, e xml.StartElement, cell *textBuffer) error {
	l := &odtList{style: value(&e, "style-name"), counts: &[10]int{}}
	depth := len(w.open)
	switch {
	case depth > 0:
		l.counts = w.open[depth-1].counts
		if l.style == "" {
			l.style = w.open[depth-1].style
		}
	case value(&e, "continue-numbering") == "true" && w.last != nil:
		l.counts = w.last
	case value(&e, "continue-list") != "" && w.counts[value(&e, "continue-list")] != nil:
		l.counts = w.counts[value(&e, "continue-list")]
	}
	if depth == 0 {
		w.last = l.counts
		if id := value(&e, "id"); id != "" {
			w.counts[id] = l.counts
		}
	}
	w.open = append(w.open, l)
	levels := w.lists[l.style]
	err := x.each(func(e xml.StartElement) error {
		l.marker = ""
		if e.Name.Local == "list-item" {
			l.marker = "•"
			if at := min(depth, 9); levels != nil {
				if s := value(&e, "start-value"); s != "" {
					l.counts[at] = max(number(s)-1, 0)
				}
				l.marker = nextMarker(levels, l.counts, at)
			}
		}
		return w.container(x, cell)
	}, nil)
	w.open = w.open[:depth]
	return err
}

// table reads a table: a block for each row. A table in a cell is read as text.
func (w *odt) table(x *xmlStream, cell *textBuffer) error {
	return x.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "table-header-rows", "table-rows", "table-row-group":
			return w.table(x, cell)
		case "table-row":
			return w.row(x, cell)
		}
		return x.skip()
	}, nil)
}

func (w *odt) row(x *xmlStream, cell *textBuffer) error {
	var cells []string
	open := w.open
	w.open = nil
	err := x.each(func(e xml.StartElement) error {
		if e.Name.Local != "table-cell" && e.Name.Local != "covered-table-cell" {
			return x.skip()
		}
		var b textBuffer
		err := w.container(x, &b)
		text := b.take()
		n := 1
		if r, convErr := strconv.Atoi(value(&e, "number-columns-repeated")); convErr == nil && text != "" {
			n = min(max(r, 1), 64)
		}
		for range n {
			cells = append(cells, text)
		}
		return err
	}, nil)
	w.open = open
	if err != nil {
		return err
	}
	if cell != nil {
		cell.space()
		cell.write(row(cells).Text)
		return nil
	}
	return w.d.add(row(cells))
}

// headingLevel is the level that a style gives: those named Heading_20_n, and
// Title.
func (w *odt) headingLevel(style string) int {
	for range 16 {
		if n, ok := strings.CutPrefix(style, "Heading_20_"); ok {
			return number(n)
		}
		if style == "Title" {
			return 1
		}
		next, ok := w.parents[style]
		if !ok {
			return 0
		}
		style = next
	}
	return 0
}

func (w *odt) isTitle(style string) bool {
	for range 16 {
		if style == "Title" {
			return true
		}
		style = w.parents[style]
	}
	return false
}

// headingNumber counts a heading, where the document numbers them. A heading
// may stand in a list that numbers it instead.
func (w *odt) headingNumber(e xml.StartElement, level int) string {
	if n := len(w.open); n > 0 && w.open[n-1].marker != "" {
		m := w.open[n-1].marker
		w.open[n-1].marker = ""
		return strings.Trim(m, "•")
	}
	if e.Name.Local != "h" || value(&e, "is-list-header") == "true" {
		return ""
	}
	l := min(level, 10) - 1
	return nextMarker(&w.outline, &w.heads, l)
}
