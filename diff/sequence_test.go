package diff

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// longestCommon is the length of a longest common subsequence, the slow way.
func longestCommon(a, b []int32) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			up := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(up, row[j])
			}
			diagonal = up
		}
	}
	return row[len(b)]
}

// checkMatches verifies that matches are in order, disjoint and true, and
// returns how many elements they hold.
func checkMatches(t *testing.T, a, b []int32, ms []match) int {
	t.Helper()
	i, j, n := 0, 0, 0
	for _, m := range ms {
		if m.n <= 0 || m.a < i || m.b < j || m.a+m.n > len(a) || m.b+m.n > len(b) {
			t.Fatalf("match %v after %d,%d in %v and %v", m, i, j, a, b)
		}
		if !slices.Equal(a[m.a:m.a+m.n], b[m.b:m.b+m.n]) {
			t.Fatalf("match %v is not equal in %v and %v", m, a, b)
		}
		i, j, n = m.a+m.n, m.b+m.n, n+m.n
	}
	return n
}

func TestSequencesSmallAreMinimal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		a, b := letterString(r, r.IntN(16), 5), letterString(r, r.IntN(16), 5)
		got := checkMatches(t, a, b, matchSequences(a, b, 5))
		if want := longestCommon(a, b); got != want {
			t.Fatalf("%d elements matched, want %d in %v and %v", got, want, a, b)
		}
	}
}

func TestSequencesLarge(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, size := range []int{3, 40, 5000} {
		for range 20 {
			a := letterString(r, 1+r.IntN(3000), size)
			b := slices.Clone(a)
			for range r.IntN(400) {
				i := r.IntN(len(b))
				b = slices.Replace(b, i, min(len(b), i+r.IntN(3)), letterString(r, r.IntN(3), size)...)
				if len(b) == 0 {
					b = letterString(r, 5, size)
				}
			}
			ms := matchSequences(a, b, size)
			checkMatches(t, a, b, ms)
			if !slices.Equal(ms, matchSequences(a, b, size)) {
				t.Fatal("two runs differ")
			}
		}
	}
}

// A square of unlike elements must not cost a square of time.
func TestSequencesUnlike(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	a, b := letterString(r, 60_000, 50), letterString(r, 60_000, 50)
	checkMatches(t, a, b, matchSequences(a, b, 50))
}

func letterString(r *rand.Rand, n, size int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = int32(r.IntN(size))
	}
	return s
}
