package server

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/diff"
)

// How long an excerpt is, and how much of what was kept stands around what
// differs, in bytes.
const (
	excerptSize   = 420
	excerptAround = 90
)

// excerpt is the redline of a change's weightiest edit, cut to what fits into
// a list: nil where words alone do not tell it, as for a page that came or
// went, or for a passage that moved.
func excerpt(c *ChangeDocument) []diff.Word {
	if c.told {
		return c.excerpt
	}
	var best *diff.Edit
	for i := range c.Edits {
		e := &c.Edits[i]
		if e.From < 0 && e.To < 0 || e.Op == diff.Move {
			continue
		}
		if best == nil || e.Weight > best.Weight {
			best = e
		}
	}
	if best == nil || best.Weight < DefaultWeight {
		return nil
	}
	return cut(best.Words)
}

// cut leaves out of a redline what was kept far from any difference, and
// everything beyond the size of an excerpt.
func cut(words []diff.Word) []diff.Word {
	var out []diff.Word
	size := 0
	for i, word := range words {
		text := strings.ReplaceAll(word.Text, "\n", " ")
		if word.Op == diff.Equal {
			text = around(text, i == 0, i == len(words)-1)
		}
		if left := excerptSize - size; len(text) > left {
			return append(out, diff.Word{Op: word.Op, Text: clip(text, left) + "…"})
		}
		size += len(text)
		out = append(out, diff.Word{Op: word.Op, Text: text})
	}
	return out
}

// around shortens kept words to those next to what differs.
func around(text string, first, last bool) string {
	switch {
	case first && last:
		return text
	case first && len(text) > excerptAround:
		return "…" + clipStart(text, excerptAround)
	case last && len(text) > excerptAround:
		return clip(text, excerptAround) + "…"
	case !first && !last && len(text) > 2*excerptAround:
		return clip(text, excerptAround) + " … " + strings.TrimLeft(clipStart(text, excerptAround), " ")
	}
	return text
}

// clip is the beginning of a text, at most n bytes, that ends with a word.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	n = max(n, 0)
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	if at := strings.LastIndexFunc(text[:n], unicode.IsSpace); at > n/2 {
		n = at
	}
	return text[:n]
}

// clipStart is the end of a text, at most n bytes, that begins with a word.
func clipStart(text string, n int) string {
	at := len(text) - n
	if at <= 0 {
		return text
	}
	for at < len(text) && !utf8.RuneStart(text[at]) {
		at++
	}
	if space := strings.IndexFunc(text[at:], unicode.IsSpace); space >= 0 && space < n/2 {
		at += space
	}
	return text[at:]
}
