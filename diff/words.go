package diff

import "strings"

// A hunk is a place where two texts differ: the tokens a[a0:a1] became
// b[b0:b1]. One of the two may be empty.
type hunk struct{ a0, a1, b0, b1 int }

// A wording is two texts in tokens and how they correspond.
type wording struct {
	a, b  []token
	hunks []hunk // in order; what lies between them corresponds one to one
	toB   []int  // for each token of a, the token of b it corresponds to, or -1
}

// compareWords aligns two texts word by word. Words that differ in typography
// only correspond. The result is minimal up to readability: see mergeIslands.
func compareWords(before, after string) *wording {
	return compareTokens(tokenise(before), tokenise(after))
}

// A lexer cuts each text into tokens once. The nil lexer remembers none.
type lexer map[string][]token

// tokens are those of a text; they are not to be changed.
func (l lexer) tokens(text string) []token {
	toks, ok := l[text]
	if !ok {
		toks = tokenise(text)
		if l != nil {
			l[text] = toks
		}
	}
	return toks
}

// lone is the wording of a text that came or went: a or b is empty.
func lone(a, b []token) *wording {
	w := &wording{a: a, b: b, toB: unpaired(len(a))}
	if len(a)+len(b) > 0 {
		w.hunks = []hunk{{0, len(a), 0, len(b)}}
	}
	return w
}

// compareTokens is compareWords for texts already in tokens.
func compareTokens(a, b []token) *wording {
	w := &wording{a: a, b: b}
	var in interner
	ia, ib := internTokens(&in, w.a), internTokens(&in, w.b)
	prev := hunk{}
	for _, m := range matchSequences(ia, ib, in.size()) {
		if m.a > prev.a1 || m.b > prev.b1 {
			w.hunks = append(w.hunks, hunk{prev.a1, m.a, prev.b1, m.b})
		}
		prev = hunk{a1: m.a + m.n, b1: m.b + m.n}
	}
	if prev.a1 < len(w.a) || prev.b1 < len(w.b) {
		w.hunks = append(w.hunks, hunk{prev.a1, len(w.a), prev.b1, len(w.b)})
	}
	w.slide()
	w.wholeRanges()
	w.mergeIslands()
	w.correspond()
	return w
}

func internTokens(in *interner, toks []token) []int32 {
	ids := make([]int32, len(toks))
	for i := range toks {
		ids[i] = in.id(toks[i].key)
	}
	return ids
}

// correspond fills toB from the hunks.
func (w *wording) correspond() {
	w.toB = make([]int, len(w.a))
	i, j := 0, 0
	for _, h := range append(w.hunks[:len(w.hunks):len(w.hunks)], hunk{len(w.a), len(w.a), len(w.b), len(w.b)}) {
		for ; i < h.a0; i, j = i+1, j+1 {
			w.toB[i] = j
		}
		for ; i < h.a1; i++ {
			w.toB[i] = -1
		}
		j = h.b1
	}
}

// slide moves each pure insertion and deletion that could as well stand
// elsewhere ("the" of "the the") to where it begins a sentence or a clause.
func (w *wording) slide() {
	for k := range w.hunks {
		h := &w.hunks[k]
		toks, lo, hi := w.b, &h.b0, &h.b1
		if h.b0 == h.b1 {
			toks, lo, hi = w.a, &h.a0, &h.a1
		} else if h.a0 != h.a1 {
			continue
		}
		back, ahead := *lo, len(toks)-*hi // how far it may go
		if k > 0 {
			back = h.a0 - w.hunks[k-1].a1
		}
		if k+1 < len(w.hunks) {
			ahead = w.hunks[k+1].a0 - h.a1
		}
		best, bestScore := 0, boundary(toks, *lo)
		for n := 1; n <= back && toks[*lo-n].key == toks[*hi-n].key; n++ {
			if s := boundary(toks, *lo-n); s > bestScore {
				best, bestScore = -n, s
			}
		}
		for n := 1; n <= ahead && toks[*lo+n-1].key == toks[*hi+n-1].key; n++ {
			if s := boundary(toks, *lo+n); s > bestScore {
				best, bestScore = n, s
			}
		}
		*h = hunk{h.a0 + best, h.a1 + best, h.b0 + best, h.b1 + best}
	}
}

// boundary rates the place before token i as the beginning of an edit.
func boundary(toks []token, i int) int {
	switch {
	case i == 0 || endsSentence(toks, i-1, nil):
		return 3
	case i < len(toks) && toks[i].kind == mark && strings.ContainsAny(toks[i].text, ",;:("):
		return 2
	case toks[i-1].kind == mark:
		return 1
	}
	return 0
}

// mergeIslands joins neighbouring hunks when what stands between them is too
// little to be read as kept: a shared article must not chop a rewritten
// sentence into confetti. An island stays when it is worth at least as much
// as the smaller of the two changes around it, or holds a sentence's end; but
// a single short word beside a large change does not.
func (w *wording) mergeIslands() {
	out := w.hunks[:0]
	for _, h := range w.hunks {
		for len(out) > 0 {
			last := out[len(out)-1]
			least := min(last.extent(), h.extent())
			if max(last.extent(), h.extent()) >= largeHunk {
				least = max(least, 2)
			}
			if w.worth(last.a1, h.a0, least) >= least {
				break
			}
			h.a0, h.b0 = last.a0, last.b0
			out = out[:len(out)-1]
		}
		out = append(out, h)
	}
	w.hunks = out
}

// largeHunk is how many tokens make a change large.
const largeHunk = 4

// extent is the size of a hunk in tokens.
func (h hunk) extent() int { return max(h.a1-h.a0, h.b1-h.b0) }

// worth rates the tokens a[from:to] as an island, up to a limit: a short word
// or a mark counts once, any other word twice, the end of a sentence as much
// as it takes.
func (w *wording) worth(from, to, limit int) int {
	n := 0
	for i := from; i < to && n < limit; i++ {
		switch t := &w.a[i]; {
		case t.kind == mark && endsSentence(w.a, i, nil):
			return limit
		case t.kind == mark || t.kind == word && len(t.text) <= 3:
			n++
		default:
			n += 2
		}
	}
	return n
}

// words spells the wording out.
func (w *wording) words() []Word {
	var s speller
	i, j := 0, 0
	for _, h := range append(w.hunks[:len(w.hunks):len(w.hunks)], hunk{len(w.a), len(w.a), len(w.b), len(w.b)}) {
		for ; i < h.a0; i, j = i+1, j+1 {
			s.pair(w.a[i].text, w.b[j].text)
			s.pair(w.a[i].space, w.b[j].space)
		}
		gone, came := rawText(w.a[h.a0:h.a1]), rawText(w.b[h.b0:h.b1])
		tail := ""
		if gone != "" && came != "" && w.a[h.a1-1].space == w.b[h.b1-1].space {
			tail = w.a[h.a1-1].space
		}
		s.gone += strings.TrimSuffix(gone, tail)
		s.came += strings.TrimSuffix(came, tail)
		s.equal(tail)
		i, j = h.a1, h.b1
	}
	return s.spelt()
}

// rawText is the text of a run of tokens, with the white space after it.
func rawText(toks []token) string {
	var b strings.Builder
	for i := range toks {
		b.WriteString(toks[i].text)
		b.WriteString(toks[i].space)
	}
	return b.String()
}

// excerpt is the text of a run of tokens without the white space after it and the
// marks of amendments.
func excerpt(toks []token) string {
	if len(toks) == 0 {
		return ""
	}
	last := toks[len(toks)-1]
	return unmarked(rawText(toks[:len(toks)-1]) + last.text)
}

// A speller gathers words, deletions before insertions.
type speller struct {
	out        []Word
	kept       []byte // since the last of them
	gone, came string
}

// pair adds two corresponding pieces of text.
func (s *speller) pair(a, b string) {
	if a == b {
		s.equal(a)
		return
	}
	s.gone += a
	s.came += b
}

func (s *speller) equal(text string) {
	if text == "" {
		return
	}
	s.flush()
	s.keep(text)
}

// keep adds a text that was kept.
func (s *speller) keep(text string) { s.kept = append(s.kept, text...) }

// write writes a word out, after what was kept before it. An empty one is none.
func (s *speller) write(op, text string) {
	if text == "" {
		return
	}
	if len(s.kept) > 0 {
		s.out = append(s.out, Word{Equal, string(s.kept)})
		s.kept = s.kept[:0]
	}
	s.out = append(s.out, Word{op, text})
}

// spelt are all the words.
func (s *speller) spelt() []Word {
	s.flush()
	if len(s.kept) > 0 {
		s.out = append(s.out, Word{Equal, string(s.kept)})
	}
	return s.out
}

// flush writes out what was gathered. White space that both sides begin or end
// with was kept: "35 or" became "35, 36 or" by ", 36" alone.
func (s *speller) flush() {
	gone, came := s.gone, s.came
	s.gone, s.came = "", ""
	head := 0
	for head < min(len(gone), len(came)) && gone[head] == came[head] && (gone[head] == ' ' || gone[head] == '\n') {
		head++
	}
	s.keep(gone[:head])
	gone, came = gone[head:], came[head:]
	tail := 0
	for tail < min(len(gone), len(came)) && gone[len(gone)-1-tail] == came[len(came)-1-tail] && gone[len(gone)-1-tail] == ' ' {
		tail++
	}
	kept := gone[len(gone)-tail:]
	gone, came = gone[:len(gone)-tail], came[:len(came)-tail]
	s.write(Deleted, gone)
	s.write(Inserted, came)
	s.keep(kept)
}

// plainWords are the words of an edit that has no inner alignment.
func plainWords(op Op, before, after string) []Word {
	var s speller
	if op == Move {
		s.pair(before, after)
	} else {
		s.gone, s.came = before, after
	}
	if words := s.spelt(); words != nil {
		return words
	}
	return []Word{}
}
