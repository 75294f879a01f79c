package index

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"veille/archive"
)

func samplePassage() *passage {
	until := archive.Interval{After: day(3), By: day(4)}
	return &passage{Page: 7, Source: "be-office", URL: "https://example.org/é", Lang: "fr", Title: "Retour", Kind: archive.Item, Role: archive.Main,
		Path: []string{"Chapitre II", ""}, Text: "a) la décision\x00 de retour", Since: 41, Seen: archive.Interval{By: day(1)}, From: day(1).UnixMilli(), Block: 17,
		Until: &until, Document: "be-office/2", Articles: []string{"7", "7bis"}, Came: Event{News: true, Weight: 4, Senses: []string{"deadline", "modality"}},
		Went: Event{Weight: 1}, Last: 43, Gone: 44, Next: []successor{{"7.1.ab", 3}, {"", -1}}}
}

// TestRecords: what is stored is read back, and no part of it is taken for it.
func TestRecords(t *testing.T) {
	for _, p := range []*passage{{}, samplePassage(), {Text: "x", Block: -1, From: -1, Seen: archive.Interval{After: time.UnixMilli(-5).UTC(), By: day(0)}}} {
		b := p.record()
		got, err := readRecord(b)
		if d := cmp.Diff(p, got); err != nil || d != "" {
			t.Errorf("%v (-want +got)\n%s", err, d)
		}
		for n := range b {
			if _, err := readRecord(b[:n]); !errors.Is(err, ErrDamaged) {
				t.Errorf("its first %d bytes are read: %v", n, err)
			}
		}
		if _, err := readRecord(append(b, 0)); !errors.Is(err, ErrDamaged) {
			t.Errorf("with a byte more it is read: %v", err)
		}
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add(samplePassage().record())
	f.Add([]byte{})
	f.Add([]byte{2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := readRecord(b)
		if err != nil {
			return
		}
		again, err := readRecord(p.record())
		if d := cmp.Diff(p, again); err != nil || d != "" {
			t.Errorf("%v (-want +got)\n%s", err, d)
		}
	})
}
