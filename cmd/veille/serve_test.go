package main

import (
	"bytes"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"veille/server"
)

// An instance that may not look at pages, for want of a contact address, says so
// once and tries ever less often; when it may, it says that too.
func TestPassesThatFailAreTriedLessOften(t *testing.T) {
	dir := t.TempDir()
	sources := filepath.Join(dir, "sources.yaml")
	const text = "sources:\n  - id: be-x\n    name: {en: X}\n    institution: x\n    kind: government\n    jurisdiction: BE\n    topics: [voluntary-return]\n    schedule: '@every 6h'\n    pages:\n      - {en: 'https://x.example/'}\n"
	if err := os.WriteFile(sources, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	var log bytes.Buffer
	a := &app{out: io.Discard, err: io.Discard, now: func() time.Time { return now }, log: slog.New(slog.NewTextHandler(&log, nil))}
	a.flags = &flags{}
	a.flags.Data, a.flags.Sources = dir, sources
	h, err := a.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := a.newService(h, &mailFlags{}, "127.0.0.1:0", func(*server.Server) {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	for range 10 {
		s.pass(t.Context())
	}
	if s.trouble.times != 1 {
		t.Errorf("%d passes at once", s.trouble.times)
	}
	for range 24 * 60 { // a day
		now = now.Add(time.Minute)
		s.pass(t.Context())
	}
	if s.trouble.times < 25 || s.trouble.times > 32 {
		t.Errorf("%d passes in a day", s.trouble.times)
	}
	if said := log.String(); !strings.Contains(said, "no contact address") || strings.Count(said, "\n") != 1 {
		t.Errorf("in a day it says:\n%s", said)
	}
	log.Reset()
	h.sources.Sources[0].Enabled = false
	now = now.Add(longTrouble)
	s.pass(t.Context())
	if said := log.String(); !strings.Contains(said, "well again") || s.trouble != (trouble{}) {
		t.Errorf("when it may it says %q; %+v", said, s.trouble)
	}
}
