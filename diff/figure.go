package diff

import (
	"strings"
	"unicode"
)

// A Figure is an amount, a period or a date that a text gives.
type Figure struct {
	Kind string // "amount", "period" or "date"
	// Value is in digits with a decimal point, whatever way it was written:
	// "1145"; of a date "2026-03-12" as far as it is given; several of one unit
	// ("30, 10 or 5 days") are joined by ", ".
	Value string
	Unit  string // "euro", "percent", "day", "month"; or the word counted, "places"; "" for none
	Text  string // as it stands, with its unit
	// What is its sentence with "…" in the place of the figure: the same for the
	// same figure in another version, as long as nothing else is reworded. Of a
	// long sentence it is the words around the figure, "[...]" for those before.
	What string
}

// Figures reads the figures of a text by the rules of its language. Numbers of
// articles, of other provisions – "subsection (3)", "artikel 4:84" – and of list
// items are none.
func Figures(lang, text string) []Figure {
	r := rulesFor(lang)
	toks := tokenise(text)
	low := lows(toks)
	bounds := sentences(toks, r)
	var out []Figure
	s := 0
	for _, q := range r.scan(toks, low, 0, len(toks)) {
		for s+1 < len(bounds)-1 && bounds[s+1] <= q.first {
			s++
		}
		if q.unit == "" && ofProvision(toks, &q) {
			continue
		}
		f := Figure{Value: valueText(&q), Unit: strings.TrimPrefix(q.unit, "time:"), Text: excerpt(toks[q.first : q.last+1])}
		switch q.kind {
		case amounts:
			f.Kind = "amount"
		case periods:
			f.Kind = "period"
		case days:
			if f.Kind, f.Value = "date", dateValue(q.values); f.Value == "" {
				continue // a time of day
			}
		default:
			continue
		}
		end := s // "am 12. März": the day seems to end the sentence
		for end+1 < len(bounds)-1 && bounds[end+1] <= q.last {
			end++
		}
		f.What = shorten(near(rawText(toks[bounds[s]:q.first])) + "…" + toks[q.last].space + rawText(toks[q.last+1:bounds[end+1]]))
		if f.Unit == "" && strings.Trim(f.What, "….()[]- ") == "" {
			continue // the number of a list item that stands alone
		}
		out = append(out, f)
	}
	return out
}

// ofProvision reports whether a bare number is that of a provision or of one of
// its parts: it stands in brackets, alone or behind the number before, as in
// "112 (3)", or right behind a colon that follows one, or hangs on a
// hyphen, as in "225-4-1".
func ofProvision(toks []token, q *quantity) bool {
	if q.kind != amounts {
		return false
	}
	if n := q.last + 1; n < len(toks) && toks[q.last].space == "" && toks[n].text == "-" && toks[n].space == "" {
		return true // "225-4-1", "dix-huitième"
	}
	if q.first == 0 {
		return false
	}
	before := &toks[q.first-1]
	if before.space != "" {
		return false
	}
	switch {
	case strings.HasSuffix(before.text, "("):
		return len(q.values[0]) <= 2 && q.last+1 < len(toks) && toks[q.last].space == "" && strings.HasPrefix(toks[q.last+1].text, ")")
	case before.text == "-":
		return q.first > 1 && toks[q.first-2].space == ""
	case before.text == ":":
		return q.first > 1 && toks[q.first-2].kind == number && toks[q.first-2].space == ""
	}
	return false
}

// near is the end of what stands before a figure, all of it if it is short.
func near(before string) string {
	rs := []rune(before)
	if len(rs) <= maxEvidence*2/3 {
		return before
	}
	end := string(rs[len(rs)-maxEvidence*2/3:])
	if k := strings.IndexFunc(end, unicode.IsSpace); k >= 0 && k < len(end)-1 {
		end = end[k:]
	}
	return "[...] " + strings.TrimSpace(end) + before[len(strings.TrimRightFunc(before, unicode.IsSpace)):]
}

// dateValue writes a date as ISO 8601 does, as far as it is given: month, day
// and year as words give them, or one token such as 12/03/2026; "" if it is none.
func dateValue(values []string) string {
	if len(values) == 1 {
		v := values[0]
		if strings.Contains(v, ":") {
			return ""
		}
		parts := strings.FieldsFunc(v, func(r rune) bool { return !digit(r) })
		if len(parts) == 3 && len(parts[2]) == 4 { // day first, as in all four languages
			return parts[2] + "-" + two(parts[1]) + "-" + two(parts[0])
		}
		return strings.Join(parts, "-")
	}
	month, day, year := values[0], "", ""
	for _, v := range values[1:] {
		if len(v) == 4 {
			year = v
		} else {
			day = two(v)
		}
	}
	out := month
	if year != "" {
		out = year + "-" + month
	}
	if day != "" {
		out += "-" + day
	}
	return out
}

func two(s string) string {
	if len(s) == 1 {
		return "0" + s
	}
	return s
}
