package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"veille/evidence"
)

// TestAVerdictCannotBePainted: what a bundle's keeper wrote into it reaches the
// terminal of whoever checks it as text, and moves no cursor.
func TestAVerdictCannotBePainted(t *testing.T) {
	evil := "Return\x1b[2J\x1b[H\rPROVEN\n\u009b1A\u202egnol"
	var b bytes.Buffer
	printVerdict(&b, &evidence.Verdict{Claim: &evidence.Claim{Kind: evidence.KindWording, Title: evil, URL: evil, Log: evil}, Key: evil,
		Notes: []string{"No time-stamp."}})
	if s := b.String(); strings.ContainsAny(s, "\x1b\r\u009b\u202e") || strings.Contains(s, "\nPROVEN") || strings.Count(s, "PROVEN") != 4 || !strings.Contains(s, "Note: No time-stamp.") {
		t.Errorf("it prints %q", s)
	}
	if s := shownLines(errors.Join(errors.New("a\x1b[1A"), errors.New("b\tc")).Error()); s != "a\ufffd[1A\nb\tc" {
		t.Errorf("an error is shown as %q", s)
	}
	// The same through the program: the file's name is somebody else's too.
	name := filepath.Join(t.TempDir(), "x\x1b[2J.wacz")
	if err := os.WriteFile(name, []byte("no bundle"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"prove", "--check", name}, &out, &errs); code != 1 || strings.Contains(errs.String(), "\x1b") || out.Len() > 0 {
		t.Errorf("exit status %d, %q, %q", code, out.String(), errs.String())
	}
}

// TestAKeyThatIsNone: it is said that the key is wrong, not the bundle.
func TestAKeyThatIsNone(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"prove", "--check", "proof.wacz", "--key", "nosuch.pub"}, &out, &errs); code != 1 ||
		!strings.Contains(errs.String(), `"nosuch.pub" is neither a key`) {
		t.Errorf("exit status %d, %q", code, errs.String())
	}
}
