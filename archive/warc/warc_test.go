package warc

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var when = time.Date(2026, 3, 3, 8, 0, 0, 123e6, time.UTC)

// file makes a file of n records and says where each lies.
func file(t testing.TB, n int) ([]byte, []*Record, []Span) {
	t.Helper()
	var w Writer
	var recs []*Record
	var spans []Span
	for i := range n {
		r := New(TypeResponse, when, "application/http;msgtype=response", bytes.Repeat([]byte{'a' + byte(i)}, 100*i))
		r.Set("WARC-Target-URI", "https://example.org/")
		s, err := w.Append(r)
		if err != nil {
			t.Fatal(err)
		}
		recs, spans = append(recs, r), append(spans, s)
	}
	return bytes.Clone(w.Bytes()), recs, spans
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	data, recs, spans := file(t, 5)
	r := NewReader(bytes.NewReader(data), 0)
	for i := range recs {
		got, span, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Block) == 0 {
			got.Block = []byte{}
		}
		if d := cmp.Diff(recs[i], got); d != "" {
			t.Errorf("record %d (-written +read):\n%s", i, d)
		}
		if span != spans[i] {
			t.Errorf("record %d lies at %v, want %v", i, span, spans[i])
		}
		if at, err := got.Date(); err != nil || !at.Equal(when) {
			t.Errorf("date %v (%v), want %v", at, err, when)
		}
		// Each record can be read alone, by its offset.
		alone, _, err := NewReader(bytes.NewReader(data[span.Offset:span.Offset+span.Length]), span.Offset).Next()
		if err != nil || alone.ID() != recs[i].ID() {
			t.Errorf("record %d alone: %v", i, err)
		}
	}
	if _, _, err := r.Next(); err != io.EOF {
		t.Errorf("after the last record: %v, want io.EOF", err)
	}
}

func TestATornTailIsSaidSo(t *testing.T) {
	data, _, spans := file(t, 2)
	for cut := spans[1].Offset + 1; cut < int64(len(data)); cut++ {
		r := NewReader(bytes.NewReader(data[:cut]), 0)
		if _, _, err := r.Next(); err != nil {
			t.Fatalf("cut at %d: first record: %v", cut, err)
		}
		if _, s, err := r.Next(); !errors.Is(err, ErrTorn) || s.Offset != spans[1].Offset {
			t.Fatalf("cut at %d: %v at %d, want ErrTorn at %d", cut, err, s.Offset, spans[1].Offset)
		}
	}
}

func TestAValueCannotEndTheHeader(t *testing.T) {
	r := New(TypeMetadata, when, "text/plain", nil)
	r.Set("Veille-Error", "bad\r\n\r\nHTTP/1.1 200 OK")
	var w Writer
	if _, err := w.Append(r); err != nil {
		t.Fatal(err)
	}
	got, _, err := NewReader(bytes.NewReader(w.Bytes()), 0).Next()
	if err != nil || len(got.Block) != 0 || got.Get("Veille-Error") != "bad    HTTP/1.1 200 OK" {
		t.Errorf("read back %v, %v", got, err)
	}
}

func FuzzReader(f *testing.F) {
	data, _, _ := file(f, 3)
	f.Add(data)
	f.Add(data[:len(data)-9])
	f.Add([]byte("WARC/1.1\r\n\r\n"))
	f.Add([]byte("WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nrubbish\r\nWARC/1.0\nContent-Length: 0\n\n"))
	broken := bytes.Clone(data)
	broken[len(broken)/2] ^= 0x40
	f.Add(broken)
	f.Fuzz(func(t *testing.T, data []byte) {
		r := NewReader(bytes.NewReader(data), 0)
		r.MaxBlock = 1 << 20
		last := int64(-1)
		for n := 0; ; n++ {
			rec, span, err := r.Next()
			if err == nil {
				if !r.Whole() && (span.Offset < 0 || span.Length <= 0 || span.Offset+span.Length > int64(len(data))) {
					t.Fatalf("a record lies at %+v of %d bytes", span, len(data))
				}
				rec.CheckBlock()
				rec.Date()
			} else if !errors.Is(err, ErrMalformed) || span.Offset <= last && n > 2*len(data) {
				return
			}
			if n > 4*len(data)+100 {
				t.Fatal("it does not end")
			}
			last = max(last, span.Offset)
		}
	})
}
