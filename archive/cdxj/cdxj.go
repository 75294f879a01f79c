// Package cdxj writes and reads CDXJ, the index of web archives (webrecorder
// CDXJ 0.1.0): one line a record,
//
//	be,fedasil)/fr/retour 20260530101500 {"url":"https://fedasil.be/fr/retour",…}
//
// sorted bytewise. The key is the address turned round, so that the pages of a
// host stand together; see [Key].
package cdxj

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrMalformed is wrapped by errors about lines that are no CDXJ.
var ErrMalformed = errors.New("malformed CDXJ")

// A Line is one line of an index.
type Line struct {
	Key    string    `json:"-"`
	Time   time.Time `json:"-"` // written to the second, or to the millisecond where it has any
	URL    string    `json:"url"`
	MIME   string    `json:"mime,omitempty"`
	Status Number    `json:"status,omitempty"`
	Digest string    `json:"digest,omitempty"`
	Length Number    `json:"length,omitempty"`
	Offset Number    `json:"offset"`
	File   string    `json:"filename,omitempty"`
}

// A Number is read from a number or a string, as tools differ, and written as
// a number.
type Number int64

// UnmarshalJSON reads 12 or "12".
func (n *Number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseInt(strings.Trim(string(b), `"`), 10, 64)
	if err != nil {
		if string(b) == `"-"` || string(b) == "null" || string(b) == `""` {
			*n = 0
			return nil
		}
		return fmt.Errorf("%w: %.30q is not a number", ErrMalformed, b)
	}
	*n = Number(v)
	return nil
}

// Format writes a line, without its end. Key is made from URL if it is "".
func (l *Line) Format() ([]byte, error) {
	key := l.Key
	if key == "" {
		key = Key(l.URL)
	}
	var b bytes.Buffer
	b.WriteString(key + " " + Timestamp(l.Time) + " ")
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		return nil, fmt.Errorf("write CDXJ: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// Timestamp is a time as archives write it: fourteen digits, or seventeen
// where there are milliseconds.
func Timestamp(t time.Time) string {
	t = t.UTC()
	if ms := t.Nanosecond() / 1e6; ms != 0 {
		return t.Format("20060102150405") + fmt.Sprintf("%03d", ms)
	}
	return t.Format("20060102150405")
}

// ParseTimestamp reads fourteen or seventeen digits.
func ParseTimestamp(s string) (time.Time, error) {
	if len(s) != 14 && len(s) != 17 {
		return time.Time{}, fmt.Errorf("%w: %.30q is no timestamp of 14 or 17 digits", ErrMalformed, s)
	}
	t, err := time.Parse("20060102150405", s[:14])
	if err != nil {
		return time.Time{}, fmt.Errorf("%w: timestamp %q: %w", ErrMalformed, s, err)
	}
	if len(s) == 17 {
		ms, err := strconv.ParseUint(s[14:], 10, 16)
		if err != nil {
			return time.Time{}, fmt.Errorf("%w: timestamp %q", ErrMalformed, s)
		}
		t = t.Add(time.Duration(ms) * time.Millisecond)
	}
	return t, nil
}

// Parse reads a line.
func Parse(line []byte) (*Line, error) {
	key, rest, ok := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(" "))
	stamp, fields, ok2 := bytes.Cut(rest, []byte(" "))
	if !ok || !ok2 || len(key) == 0 {
		return nil, fmt.Errorf("%w: %.60q is not a key, a time and a JSON object", ErrMalformed, line)
	}
	l := &Line{}
	if err := json.Unmarshal(fields, l); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var err error
	if l.Time, err = ParseTimestamp(string(stamp)); err != nil {
		return nil, err
	}
	l.Key = string(key)
	return l, nil
}
