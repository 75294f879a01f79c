package diff

import (
	"fmt"
	"strings"
	"testing"
)

func TestBackAndForth(t *testing.T) {
	a := "The person shall leave the territory within thirty days of the order."
	b := "An appeal may be brought before the council within ten days."
	c := "The costs are borne by the State in all cases."
	tests := []struct {
		name     string
		old, new []string
		block    int
		back     bool
		want     string
	}{
		{"in place", []string{a, b}, []string{a, b}, 1, true, `[1]→[1] "" `},
		{"reworded", []string{a, b}, []string{a, strings.Replace(b, "ten", "five", 1)}, 1, true, `[1]→[1] "substitute" deadline`},
		{"moved and something before it", []string{a, b, c}, []string{c, "New words stand in front of it all.", a, b}, 0, true, `[2]→[0] "move" `},
		{"split, seen from a part", []string{a + " " + b, c}, []string{a, b, c}, 1, true, `[0]→[0 1] "split" `},
		{"joined, seen from a part", []string{a, b, c}, []string{a + " " + b, c}, 1, false, `[0 1]→[0] "join" `},
		{"new", []string{a}, []string{a, c}, 1, true, `[]→[] "" `},
		{"gone", []string{a, c}, []string{a}, 1, false, `[]→[] "" `},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			old, new := version(1, "en", test.old...), version(2, "en", test.new...)
			var s *Step
			if test.back {
				s = Back(old, new, []int{test.block})
			} else {
				s = Forth(old, new, []int{test.block})
			}
			var senses []string
			for _, e := range s.Edits {
				for _, sense := range e.Senses {
					if weightOf[sense.Code] >= news {
						senses = append(senses, sense.Code)
					}
				}
			}
			if got := fmt.Sprintf("%v→%v %q %s", s.From, s.To, s.Op, strings.Join(senses, " ")); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestShared(t *testing.T) {
	for _, test := range []struct {
		a, b             string
		shared, ofA, ofB int
	}{
		{"", "", 0, 0, 0},
		{"The order is final.", "The order is final!", 4, 4, 4},
		{"The order is final.", "It says: the order is not final, ever.", 3, 4, 8},
	} {
		if s, a, b := Shared(test.a, test.b); s != test.shared || a != test.ofA || b != test.ofB {
			t.Errorf("%q, %q: %d of %d and %d", test.a, test.b, s, a, b)
		}
	}
}
