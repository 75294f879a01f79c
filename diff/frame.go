package diff

import (
	"slices"
	"strings"

	"veille/archive"
)

// What stands amid the text and is of the frame all the same: a stamp with
// words behind it, the names of the languages a page can be had in, links to
// what else there is to read.

// stampRest is how many tokens may follow a date-stamp in its sentence.
const stampRest = 12

// stampHead reports whether all that differs lies in a date-stamp with which
// both sides begin ("Last updated on 3 May 2024 by the press office"). What
// follows must be a few words, none of them a figure or that of a time limit.
func (c *comparison) stampHead(s area) bool {
	na, nb := c.r.headStamp(c.a[s.a0:s.a1], c.lowA[s.a0:s.a1]), c.r.headStamp(c.b[s.b0:s.b1], c.lowB[s.b0:s.b1])
	if na == 0 || nb == 0 || s.a1-s.a0-na > stampRest || c.r.limits.any(c.lowA[min(s.a0+na+1, s.a1):s.a1]) { // "by" before an author is no limit
		return false
	}
	for i := s.a0 + na; i < s.a1; i++ {
		if hasDigit(c.a[i].text) {
			return false
		}
	}
	return !slices.ContainsFunc(s.hunks, func(h hunk) bool { return h.a1 > s.a0+na || h.b1 > s.b0+nb })
}

// headStamp is how many tokens of a text are a date-stamp with a label at its
// very beginning; 0 if it does not begin with one.
func (r *rules) headStamp(toks []token, low []string) int {
	if _, ok := r.stamps.startsAt(low, 0); !ok {
		return 0
	}
	n, day := r.stampRun(toks, low)
	if !day {
		return 0
	}
	for n > 0 { // figures behind the date are not of it
		t := &toks[n-1]
		if _, month := r.months.startsAt(low, n-2); t.kind == date || t.kind == clock || t.kind == number && month && len(t.key) == 4 {
			return n
		}
		if _, month := r.months.startsAt(low, n-1); month {
			return n
		}
		n--
	}
	return 0
}

// languageNames are what languages call themselves, and their codes, as in the
// list of those that a page can be had in.
var languageNames = set(strings.Fields("français nederlands english deutsch español italiano português polski română русский українська العربية " +
	"türkçe shqip српски srpski فارسی دری پښتو ትግርኛ soomaali kurdî български ελληνικά magyar čeština slovenčina hrvatski slovenščina eesti " +
	"latviešu lietuvių dansk svenska suomi gaeilge malti hausa lingala fr nl en de es it pt pl ro ru uk ar tr"))

// languageList reports whether both sides name languages by their own names and
// nothing else, one of them two or more.
func languageList(a, b []string) bool {
	most := 0
	for _, low := range [][]string{a, b} {
		n := 0
		for _, w := range low {
			switch {
			case languageNames[w]:
				n++
			case letters(w) > 0 || hasDigit(w):
				return false
			}
		}
		most = max(most, n)
	}
	return most >= 2
}

// relatedWords is how many words a link to another page may have.
const relatedWords = 14

// related calls the links under a heading such as "Read also" what they are:
// they come and go as other pages do.
func (d *describer) related(edits []Edit) {
	above, leads := "", false // the heading looked at last, and what it is
	for i := range edits {
		e := &edits[i]
		if e.Role == archive.Boilerplate || e.Weight < news || len(e.Path) == 0 || e.Op == Renumber || e.Op == Split || e.Op == Join {
			continue
		}
		if heading := e.Path[len(e.Path)-1]; heading != above {
			above, leads = heading, d.leadsAway(heading)
		}
		if leads && (e.Before == "" || titleLike(e.Before, relatedWords)) && (e.After == "" || titleLike(e.After, relatedWords)) {
			d.asFrame(e)
		}
	}
}

// leadsAway reports whether a heading is one such as "Read also".
func (d *describer) leadsAway(heading string) bool {
	low := lows(d.texts.tokens(heading))
	f, ok := d.rules.related.startsAt(low, 0)
	return ok && !slices.ContainsFunc(low[f.last+1:], func(w string) bool { return letters(w) > 0 })
}
