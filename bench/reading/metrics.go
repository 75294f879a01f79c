package main

import (
	"strings"
	"unicode"
)

// A score is how well one page, or many, were read.
type score struct {
	precision, recall, f1 float64
	tp, fp, fn            int // of snippets
	silent, empty         int // pages of which nothing was read, pages that have no truth
}

// words splits a text as the sets' own scripts do: at whatever is no letter,
// figure or underscore.
func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && r != '_' })
}

func count[T comparable](of []T) map[T]int {
	m := make(map[T]int, len(of))
	for _, x := range of {
		m[x]++
	}
	return m
}

// shingles are the runs of four words of a text.
func shingles(s string) [][4]string {
	w := words(s)
	if len(w) == 0 {
		return nil
	}
	var out [][4]string
	for i := 0; i < max(1, len(w)-3); i++ {
		var x [4]string
		copy(x[:], w[i:min(i+4, len(w))])
		out = append(out, x)
	}
	return out
}

// overlap is precision and recall of what was found; empty against empty is right.
func overlap[T comparable](found, truth []T) score {
	a, b := count(found), count(truth)
	both := 0
	for x, n := range a {
		both += min(n, b[x])
	}
	s := score{precision: ratio(both, len(found)), recall: ratio(both, len(truth))}
	if len(found) == 0 && len(truth) == 0 {
		s.precision, s.recall = 1, 1
	} else if both == 0 {
		s.precision, s.recall = 0, 0
	}
	if len(found) == 0 && len(truth) > 0 {
		s.silent = 1
	} else if len(truth) == 0 && len(found) > 0 {
		s.empty = 1
	}
	s.f1 = harmonic(s.precision, s.recall)
	return s
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

func harmonic(p, r float64) float64 {
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// judge scores what was found on one page by its set's metric.
func judge(set string, s *sample, found string) score {
	switch set {
	case "zyte":
		return overlap(shingles(found), shingles(s.truth))
	case "wcxb":
		return overlap(words(strings.ToLower(found)), words(strings.ToLower(s.truth)))
	}
	var out score
	found = strings.Join(strings.Fields(found), " ")
	for _, w := range s.with {
		if strings.Contains(found, strings.Join(strings.Fields(w), " ")) {
			out.tp++
		} else {
			out.fn++
		}
	}
	for _, w := range s.without {
		if strings.Contains(found, strings.Join(strings.Fields(w), " ")) {
			out.fp++
		}
	}
	out.f1 = ratio(2*out.tp, 2*out.tp+out.fp+out.fn)
	return out
}

// mean sums up pages as the set's own script does.
func mean(set string, of []score) score {
	var m score
	for _, s := range of {
		m.precision += s.precision
		m.recall += s.recall
		m.f1 += s.f1
		m.tp, m.fp, m.fn = m.tp+s.tp, m.fp+s.fp, m.fn+s.fn
		m.silent, m.empty = m.silent+s.silent, m.empty+s.empty
	}
	n := len(of)
	m.f1 = m.f1 / float64(max(n, 1))
	switch set {
	case "zyte": // its script leaves pages without an answer out of the precision, pages without truth out of the recall
		m.precision, m.recall = m.precision/float64(max(n-m.silent, 1)), m.recall/float64(max(n-m.empty, 1))
		m.f1 = harmonic(m.precision, m.recall)
	case "wcxb":
		m.precision, m.recall = m.precision/float64(max(n, 1)), m.recall/float64(max(n, 1))
	case "trafilatura":
		m.precision, m.recall = ratio(m.tp, m.tp+m.fp), ratio(m.tp, m.tp+m.fn)
		m.f1 = harmonic(m.precision, m.recall)
	}
	return m
}
