package diff

// wholeRanges widens each exchange within a range of numbers to the whole of it: what a
// reader is told is that "10–15" became "10–20", not that "15" became "20".
func (w *wording) wholeRanges() {
	out := w.hunks[:0]
	for k, h := range w.hunks {
		next := len(w.a)
		if k+1 < len(w.hunks) {
			next = w.hunks[k+1].a0
		}
		if h.a0 < h.a1 && h.b0 < h.b1 {
			if ranges(w.a, h.a0-2) && w.b[h.b0].kind == number { // the second number
				last := len(out) - 1
				switch {
				case last < 0 || out[last].a1 <= h.a0-2:
					h.a0, h.b0 = h.a0-2, h.b0-2
				case out[last].a1 == h.a0-1: // the first one as well
					h.a0, h.b0 = out[last].a0, out[last].b0
					out = out[:last]
				}
			}
			if ranges(w.a, h.a1-1) && h.a1+2 <= next && w.b[h.b1-1].kind == number { // the first
				h.a1, h.b1 = h.a1+2, h.b1+2
			}
		}
		out = append(out, h)
	}
	w.hunks = out
}

// ranges reports whether two numbers with a hyphen or dash between them, and no space,
// begin at token i.
func ranges(toks []token, i int) bool {
	if i < 0 || i+2 >= len(toks) || toks[i].kind != number || toks[i+2].kind != number || toks[i].space+toks[i+1].space != "" {
		return false
	}
	switch toks[i+1].text {
	case "-", "–", "‐", "‑", "−":
		return true
	}
	return false
}
