package server

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"veille/archive"
)

// timeForms are the forms in which a time may be given.
var timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04"}

// periods are the forms of a year, a month and a day, and how long each is.
var periods = []struct {
	form                string
	years, months, days int
}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {time.DateOnly, 0, 0, 1}}

// ParseTime reads a parameter that is a time: RFC 3339, the same without zone
// (UTC), or a day, a month or a year such as 2026-03-01, 2026-03 and 2026. These
// are their first millisecond, or their last one if end is true. Empty text is
// the zero time. Its error is an *[InputError].
func ParseTime(where, text string, end bool) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	for _, p := range periods {
		if t, err := time.Parse(p.form, text); err == nil && plausible(t) {
			if end {
				t = t.AddDate(p.years, p.months, p.days).Add(-time.Millisecond)
			}
			return t, nil
		}
	}
	for _, form := range timeForms {
		if t, err := time.Parse(form, text); err == nil && plausible(t) {
			return t.UTC(), nil
		}
	}
	return time.Time{}, &InputError{where, quote(text) + " is not a time", "write 2026-03-01 or 2026-03-01T09:30:00Z"}
}

// plausible keeps times in the range that stores and encoders can express.
func plausible(t time.Time) bool { return t.Year() >= 1000 && t.Year() <= 9998 }

// parseChangeID reads "17..18".
func parseChangeID(id string) (from, to archive.Seq, err error) {
	a, b, ok := strings.Cut(id, "..")
	if ok {
		from, ok = parseSeq(a)
	}
	if ok {
		to, ok = parseSeq(b)
	}
	if !ok || to == 0 {
		return 0, 0, &InputError{"change", quote(id) + " is not a change", "write two version numbers such as 17..18, or 0..18 for the first wording"}
	}
	if from == to {
		return 0, 0, &InputError{"change", quote(id) + " compares a version with itself", "write two different version numbers"}
	}
	return from, to, nil
}

// parseSeq reads a number as it is written in links: digits only.
func parseSeq(text string) (archive.Seq, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, false
	}
	return archive.Seq(n), true
}

// parseNumber reads a parameter that is a whole number within bounds.
func parseNumber(where, text string, otherwise, least, most int) (int, error) {
	if text = strings.TrimSpace(text); text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, &InputError{where, quote(text) + " is not a number that can be used here",
			"write a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most)}
	}
	return n, nil
}

// list cleans a list parameter: values may be repeated, or separated by
// commas. It is nil if nothing is left.
func list(values []string) []string {
	var out []string
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" && !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	return out
}

// quote shows a wrong value in a message: shortened, and as valid UTF-8.
func quote(text string) string {
	const most = 60
	text = strings.ToValidUTF8(text, "�")
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most-1]) + "…"
	}
	return strconv.Quote(text)
}
