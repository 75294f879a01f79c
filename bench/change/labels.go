package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"veille/archive"
)

// What the labels of the pairs are worth: they were given by a tool that
// compares the texts that its curators' selectors cut out, and nobody read them.

// changed reports whether words that came or went as news stand in a text,
// squeezed, that curators cut out, which therefore did change: the label is
// wrong, or the page went back before they looked, or another document of the
// page is meant.
func (p *pagePair) changed(text string) bool {
	for i := range p.change.Edits {
		e := &p.change.Edits[i]
		if e.Weight < news {
			continue
		}
		for _, side := range []string{e.Before, e.After} {
			if s := squeeze(side); len(s) >= 20 && strings.Contains(text, s) {
				return true
			}
		}
	}
	return false
}

// unreal says why a pair labelled content holds no change of the page's words:
// the curated texts differ in hidden mail addresses, links and marks only, or in
// which part of the page was cut out, as what came and went stands in the page
// both times. It is "" where words did change.
func (p *pagePair) unreal() string {
	before, after := p.curated(p.VersionBefore), p.curated(p.VersionAfter)
	words := func(s string) string { return squeeze(numbers.ReplaceAllString(mails.ReplaceAllString(s, ""), "")) }
	if words(before) == words(after) {
		return "links, marks or hidden addresses only"
	}
	old, new := p.page(p.Before), p.page(p.After)
	if within(after, before, old) && within(before, after, new) {
		return "another part of the same page was cut out"
	}
	return ""
}

// mails are mail addresses, also as a server hides them.
var mails = regexp.MustCompile(`\\?\[email.protected\\?\]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)

// numbers are those of the items of a list.
var numbers = regexp.MustCompile(`(?m)^\s*\d+\.\s`)

// within reports whether all lines of a text that another has not stand in a page.
func within(text, other, page string) bool {
	have := map[string]bool{}
	for line := range strings.SplitSeq(other, "\n") {
		have[squeeze(line)] = true
	}
	for line := range strings.SplitSeq(text, "\n") {
		if s := squeeze(line); !have[s] && !strings.Contains(page, s) {
			return false
		}
	}
	return true
}

// page is all the text of a page, frame and main, "" if it cannot be read.
func (p *pagePair) page(name string) string {
	body, err := unzip(filepath.Join(p.dir, name))
	if err != nil {
		return ""
	}
	v, err := read(body, "text/html; charset=utf-8", p.Lang, nil)
	if err != nil || v == nil {
		return ""
	}
	return squeeze(text(v.Blocks))
}

// text is the text of blocks, with their markers.
func text(blocks []archive.Block) string {
	var b strings.Builder
	for i := range blocks {
		b.WriteString(blocks[i].Marker + " " + blocks[i].Text + "\n")
	}
	return b.String()
}

// curated is a text that the curators' selectors cut out, "" if it is not there.
func (p *pagePair) curated(name string) string {
	b, err := unzip(filepath.Join(p.dir, name))
	if err != nil {
		return ""
	}
	return string(b)
}

// links are Markdown's, of which the text is kept.
var links = regexp.MustCompile(`\]\([^)]*\)`)

// squeeze leaves the letters and digits of a text.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, links.ReplaceAllString(s, ""))
}
