package diff

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"veille/archive"
)

// A Fingerprint is equal for two versions if their main texts are, whatever
// became of the frame of the page and of its typography.
type Fingerprint [sha256.Size]byte

// FingerprintOf takes the fingerprint of a version. A version that is gone has
// the fingerprint of an empty text.
func FingerprintOf(v *archive.Version) Fingerprint {
	h := sha256.New()
	for i := range v.Blocks {
		if b := &v.Blocks[i]; b.Role != archive.Boilerplate {
			h.Write([]byte(b.Marker + "\x00" + blockKey(b.Text) + "\x01"))
		}
	}
	return Fingerprint(h.Sum(nil))
}

// Signature is equal for two changes that make the same edits, on whatever
// pages: a new footer, a ministry's new name. It is "" for a change without edits.
// Edits that are news count; where none is, all do.
func (c *Change) Signature() string {
	h := sha256.New()
	n := 0
	for i := range c.Edits {
		e := &c.Edits[i]
		if e.Weight < news && c.Weight >= news {
			continue
		}
		n++
		h.Write([]byte(string(e.Op) + "\x00" + blockKey(e.Before) + "\x00" + blockKey(e.After) + "\x01"))
	}
	if n == 0 || c.Edits[0].From < 0 && c.Edits[0].To < 0 { // a page that came or went is itself
		return ""
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// GoneBack adds to the summary of a change, in its language, that the text is that of
// a day again.
func GoneBack(lang, summary string, day time.Time) string {
	r := rulesFor(lang).orEnglish()
	return strings.TrimSuffix(summary, ".") + r.summary.Semicolon + fmt.Sprintf(r.summary.Back, r.date(day)) + "."
}

// date writes a day as the language does.
func (r *rules) date(t time.Time) string {
	t = t.UTC()
	month := r.monthNames[t.Month()-1]
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 && r.summary.First != "" {
		day = r.summary.First
	}
	return strings.NewReplacer("DAY", day, "MONTH", month, "YEAR", fmt.Sprint(t.Year())).Replace(r.summary.Date)
}
