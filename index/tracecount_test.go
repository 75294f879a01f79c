package index

import (
	"testing"
)

// BenchmarkWordsStood counts the words of a million passages of 500 pages with
// 80 versions each, as the first trace after a change does.
func BenchmarkWordsStood(b *testing.B) {
	const passages, pages, versions = 1_000_000, 500, 80
	c := &columns{numbers: map[variety]uint16{}, kinds: []variety{{"a", "en"}, {"b", "fr"}}}
	for d := range passages {
		from := int64(d % versions)
		until := from + 1 + int64(d%7)
		if until >= versions {
			until = forever
		}
		page := 1 + d*pages/passages
		c.page, c.from, c.until = append(c.page, int32(page)), append(c.from, from), append(c.until, until)
		c.words, c.kind, c.main = append(c.words, uint16(d%60)), append(c.kind, uint16(page%2)), append(c.main, true)
	}
	for b.Loop() {
		s := &state{columns: c}
		s.wordsStood(false)
	}
}
