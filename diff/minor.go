package diff

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Housekeeping: what changes on a page without changing what it says.

// housekeeping returns the code of an area that is a date-stamp, a counter, a
// contact or a piece of navigation on both sides; "" if it is none of these.
func (c *comparison) housekeeping(s area) string {
	a, b := c.lowA[s.a0:s.a1], c.lowB[s.b0:s.b1]
	ta, tb := c.a[s.a0:s.a1], c.b[s.b0:s.b1]
	switch {
	case c.stamped(ta, a, tb, b), c.stampHead(s):
		return senseStamp
	case c.r.counter(ta, a) && c.r.counter(tb, b), c.r.chrome(a) && c.r.chrome(b), languageList(a, b), c.r.label(ta, a) && c.r.label(tb, b):
		return senseNav
	case c.r.medium(ta, a) && c.r.medium(tb, b), c.fileSizes(s):
		return senseMedia
	case c.r.note(ta, a) && c.r.note(tb, b), amendmentNotes(rawText(ta), rawText(tb)):
		return senseStamp
	case postal(ta, a) && postal(tb, b), c.contact(s):
		return senseContact
	}
	return ""
}

// stamped reports whether both sides are date-stamps, by the rules of the
// text's language or, as sites are built in another than they are written in,
// by those of one other.
func (c *comparison) stamped(ta []token, a []string, tb []token, b []string) bool {
	if c.r.stamp(ta, a) && c.r.stamp(tb, b) || c.r.release(ta, a) && c.r.release(tb, b) {
		return true
	}
	if len(a) > stampTokens || len(b) > stampTokens {
		return false
	}
	return slices.ContainsFunc(languages, func(lang string) bool {
		r := rulesFor(lang)
		return r.stamp(ta, a) && r.stamp(tb, b)
	})
}

// stampTokens is how long a date-stamp in another language may be.
const stampTokens = 16

// label reports whether a text is nothing but what a button says, or a link
// that stands on every page; an empty text passes.
func (r *rules) label(toks []token, low []string) bool {
	return len(toks) == 0 || len(toks) <= labelTokens && r.labels[plain(strings.Join(strings.Fields(trimmed(toks)), " "))]
}

const labelTokens = 10

// stamp reports whether a text is a label such as "Last updated" with a date
// or time, how long ago it was, or a bare date and time; an empty text passes.
func (r *rules) stamp(toks []token, low []string) bool {
	n, day := r.stampRun(toks, low)
	return n == len(toks) && (day || n == 0)
}

// stampRun is how many tokens at the beginning of a text can be of a
// date-stamp, and whether a day or time is among them.
func (r *rules) stampRun(toks []token, low []string) (n int, day bool) {
	label, ago := false, r.ago.any(low[:min(len(low), stampTokens)])
	for n < len(toks) {
		if f, ok := r.stamps.startsAt(low, n); ok {
			label = true
			n = f.last + 1
			continue
		}
		if f, ok := r.ago.startsAt(low, n); ok && ago {
			n = f.last + 1
			continue
		}
		if f, ok := r.time.startsAt(low, n); ok && ago {
			day = true
			n = f.last + 1
			continue
		}
		if f, ok := r.months.startsAt(low, n); ok {
			day = day || numeric(toks, n-1) || numeric(toks, f.last+1)
			n = f.last + 1
			continue
		}
		t := &toks[n]
		switch {
		case t.kind == date || t.kind == clock:
			day = true
		case t.kind == mark || t.kind == number || r.stampWords[low[n]]:
		case t.kind == reference && len(t.text) <= 8 && startsWithDigit(t.text): // 1er, 14h05
		default:
			return n, day
		}
		if label && t.kind == number {
			day = true
		}
		n++
	}
	return n, day
}

// release reports whether a text is nothing but a word such as "version" and
// the dotted number of one, as programs sign their pages ("Version 1.302.0");
// an empty text passes.
func (r *rules) release(toks []token, low []string) bool {
	if len(toks) == 0 {
		return true
	}
	f, ok := r.releases.startsAt(low, 0)
	if !ok {
		return false
	}
	dotted := false
	for i := f.last + 1; i < len(toks); i++ {
		switch {
		case releaseNumber.MatchString(toks[i].text):
			dotted = true
		case toks[i].kind != mark:
			return false
		}
	}
	return dotted
}

var releaseNumber = regexp.MustCompile(`^v?\d+(?:\.\d+)+$`)

// counter reports whether a text is nothing but a label such as "views" and a
// number, of minutes perhaps.
func (r *rules) counter(toks []token, low []string) bool {
	label := false
	for i := 0; i < len(toks); {
		if f, ok := r.counters.startsAt(low, i); ok {
			label = true
			i = f.last + 1
			continue
		}
		if f, ok := r.time.startsAt(low, i); ok && f.class == "minute" && (i > 0 || len(low) > 1) { // of reading
			i = f.last + 1
			continue
		}
		if toks[i].kind != mark && toks[i].kind != number {
			return false
		}
		i++
	}
	return label
}

// chrome reports whether a text begins with what only menus, banners and
// teasers say.
func (r *rules) chrome(low []string) bool {
	_, ok := r.navigation.startsAt(low, 0)
	return ok || len(low) == 0
}

// medium reports whether a text is the caption of a picture or recording: a
// label such as "Photo" with a mark after it, or the type of a media file; an
// empty text passes.
func (r *rules) medium(toks []token, low []string) bool {
	if len(toks) == 0 {
		return true
	}
	if f, ok := r.media.startsAt(low, 0); ok && f.last+1 < len(toks) && toks[f.last+1].kind == mark && len(toks) <= captionTokens {
		return true
	}
	return len(toks) <= captionTokens && slices.ContainsFunc(low, func(w string) bool { return mediaTypes[w] })
}

const captionTokens = 40

// mediaTypes are names of the types of media files.
var mediaTypes = map[string]bool{"jpg": true, "jpeg": true, "png": true, "gif": true, "svg": true, "webp": true, "mp3": true, "mp4": true}

// fileSizes reports whether all that differs are the sizes of files, beside their
// types: "Form (PDF, 120 KB)".
func (c *comparison) fileSizes(s area) bool {
	if !namesFile(c.lowA, s.a0, s.a1) || !namesFile(c.lowB, s.b0, s.b1) {
		return false
	}
	was, is := c.r.scan(c.a, c.lowA, s.a0, s.a1), c.r.scan(c.b, c.lowB, s.b0, s.b1)
	within := func(qs []quantity, low []string, from, to int) bool {
		return from < to && slices.ContainsFunc(qs, func(q quantity) bool { return q.first <= from && to <= q.last+1 && q.ofFile(low) })
	}
	return !slices.ContainsFunc(s.hunks, func(h hunk) bool {
		return !within(was, c.lowA, h.a0, h.a1) || !within(is, c.lowB, h.b0, h.b1)
	})
}

// ofFile reports whether a quantity is the size of a file: the type of one stands
// close before or behind it.
func (q *quantity) ofFile(low []string) bool {
	return q.unit == "bytes" && namesFile(low, q.first, q.last+1)
}

// namesFile reports whether among the tokens from..to, of which there are some, or
// close to them the type of a file stands.
func namesFile(low []string, from, to int) bool {
	return from < to && slices.ContainsFunc(low[max(0, from-3):min(len(low), to+2)], func(w string) bool {
		return len(w) >= 3 && len(w) <= 4 && (fileTypes[w] || mediaTypes[w])
	})
}

// fileTypes are names of the types of documents.
var fileTypes = set(strings.Fields("pdf doc docx odt rtf xls xlsx ods csv ppt pptx odp zip epub"))

// note reports whether a text is the publisher's own note of which amendments
// it holds ("zuletzt geändert durch …", "Act current to …"): one of the phrases
// that begin such notes, with a date or the number of a gazette; an empty text
// passes.
func (r *rules) note(toks []token, low []string) bool {
	if len(toks) == 0 {
		return true
	}
	if _, ok := r.notes.startsAt(low, 0); !ok || len(toks) > noteTokens {
		return false
	}
	return slices.ContainsFunc(toks, func(t token) bool { return t.kind == date || t.kind == number && len(t.key) == 4 })
}

const noteTokens = 60

// amendment is the note under a provision that says which act amended it, as
// the Belgian gazette writes it: "(1)<L 2022-02-28/03, art. 14, 065; En vigueur :
// 18-03-2022>". Its group is the act.
var amendment = regexp.MustCompile("^`?(?:\\(\\d+\\))?\\s?<([^<>;]{4,120})(?:;[^<>]{0,160})?>`?\\s*$")

// amendmentNotes reports whether both sides are such notes, or nothing. The
// provision itself says what changed; but where one act is to be in force from
// another day, that is said here alone, and is no housekeeping.
func amendmentNotes(a, b string) bool {
	x, y := amendment.FindStringSubmatch(a), amendment.FindStringSubmatch(b)
	switch {
	case a == "" || b == "":
		return x != nil || y != nil
	case x == nil || y == nil:
		return false
	}
	return x[1] != y[1]
}

// contact reports whether all that differs are telephone numbers, addresses
// and the names behind a label such as "Director:".
func (c *comparison) contact(s area) bool {
	words := 0
	for _, h := range s.hunks {
		words += wordCount(c.a[h.a0:h.a1]) + wordCount(c.b[h.b0:h.b1])
		if !c.contacts(c.a, c.lowA, s.a0, h.a0, h.a1) || !c.contacts(c.b, c.lowB, s.b0, h.b0, h.b1) {
			return false
		}
	}
	return words > 0
}

// running reports whether an area is a sentence of its own that gives an
// address among other words: then the address is how something is done, such as
// where a request is sent, and its change is news.
func (c *comparison) running(s area) bool {
	kept := 0
	for i := s.a0; i < s.a1; i++ {
		if c.toB[i] >= 0 && c.a[i].kind == word {
			kept++
		}
	}
	return kept >= runningWords
}

const runningWords = 4

// contacts reports whether the tokens from..to of a sentence are contact
// details.
func (c *comparison) contacts(toks []token, low []string, start, from, to int) bool {
	for i := from; i < to; i++ {
		t := &toks[i]
		r, _ := utf8.DecodeRuneInString(t.text)
		switch {
		case t.kind == mark || t.kind == address || (low[i] == "email" || low[i] == "protected") && bracketed(toks, i) || low[i] == "at" && i > 0 && strings.ContainsAny(toks[i-1].text, "[("):
		case hasDigit(t.text):
			if !labelled(c.r.phones, toks, low, start, i, 16) {
				return false
			}
		case unicode.IsUpper(r) || t.kind == word && i > 0 && strings.Contains(toks[i-1].text, "."):
			if !labelled(c.r.persons, toks, low, start, i, 6) {
				return false
			}
		case c.r.phones.byFirst[low[i]] != nil || c.r.persons.byFirst[low[i]] != nil:
		default:
			return false
		}
	}
	return true
}

// bracketed reports whether token i lies in square brackets, as what a server
// puts in the place of an address does: "[email protected]".
func bracketed(toks []token, i int) bool {
	return i > 0 && (toks[i-1].text == "[" || i > 1 && toks[i-2].text == "[")
}

// labelled reports whether a label of the vocabulary stands at most reach
// tokens before token i, in the same sentence, followed by a mark or at its
// very beginning.
func labelled(v *vocabulary, toks []token, low []string, start, i, reach int) bool {
	for k := max(start, i-reach); k < i; k++ {
		f, ok := v.startsAt(low, k)
		if ok && f.last < i && (k == start || toks[f.last+1].kind == mark) {
			return true
		}
	}
	return false
}

// unspecific is for an area in which no rule found anything: the same figures
// written otherwise, punctuation, a slip of the pen – or other words.
func (c *comparison) unspecific(s area) []signal {
	code, widest := senseWhitespace, s.hunks[0]
	for _, h := range s.hunks {
		found := senseOther
		switch a, b := c.a[h.a0:h.a1], c.b[h.b0:h.b1]; {
		case c.sameFigure(h):
			found = senseWhitespace
		case amendmentMarks(a, b):
			found = senseStamp
		case wordCount(a) == 0 && wordCount(b) == 0, slip(a, b), plain(rawText(a)) == plain(rawText(b)):
			found = senseTypo
		}
		// what is shown is the widest of those that weigh most
		if weightOf[found] > weightOf[code] || found == code && h.extent() > widest.extent() {
			code, widest = found, h
		}
	}
	was, is := excerpt(c.a[widest.a0:widest.a1]), excerpt(c.b[widest.b0:widest.b1])
	if code != senseOther || was == "" || is == "" { // show where it stands
		was, is = around(c.a, widest.a0, widest.a1, s.a0, s.a1), around(c.b, widest.b0, widest.b1, s.b0, s.b1)
	}
	was, is = shorten(was), shorten(is)
	return []signal{newSignal(code, was, is, was, is)}
}

// sameFigure reports whether a hunk only writes a number in another way.
func (c *comparison) sameFigure(h hunk) bool {
	if c.sameOrdinal(excerpt(c.a[h.a0:h.a1]), excerpt(c.b[h.b0:h.b1])) {
		return true
	}
	v, na, oka := c.r.figure(c.a, c.lowA, h.a0)
	w, nb, okb := c.r.figure(c.b, c.lowB, h.b0)
	return oka && okb && v == w && na == h.a1 && nb == h.b1
}

// typographic tells of characters that differ where no word does.
func (c *comparison) typographic() []signal {
	for i, j := range c.toB {
		if j >= 0 && (c.a[i].text != c.b[j].text || c.a[i].space != c.b[j].space) {
			was, is := around(c.a, i, i+1, 0, len(c.a)), around(c.b, j, j+1, 0, len(c.b))
			return []signal{newSignal(senseWhitespace, was, is, was, is)}
		}
	}
	return nil
}
