package cdxj

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestASorterInLittleMemory: the same order, whether the lines fit or not.
func TestASorterInLittleMemory(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, memory := range []int{0, 1, 100, 4096} {
		s := &Sorter{Memory: memory}
		var want [][]byte
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 500 {
			line := fmt.Appendf(nil, "org,example)/%d 20260303080000 {\"n\":%d}", r.IntN(300), i)
			if i == 7 {
				line = append(line, bytes.Repeat([]byte("x"), 300<<10)...) // longer than what is read at once
			}
			want = append(want, line)
			if err := s.Add(line); err != nil {
				t.Fatal(err)
			}
		}
		slices.SortFunc(want, bytes.Compare)
		i := 0
		for line, err := range s.Lines() {
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(line, want[i]) {
				t.Fatalf("memory %d: line %d is %.60q, want %.60q", memory, i, line, want[i])
			}
			i++
		}
		if i != 500 || s.Len() != 500 {
			t.Errorf("memory %d: %d lines, want 500", memory, i)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
