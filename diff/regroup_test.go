package diff

import (
	"strings"
	"testing"
)

// A passage that is joined with another and reworded in the same step is told as
// a join with its senses, back again as a split, and what merely went beside a
// reworded passage as gone.
func TestJoinedAndReworded(t *testing.T) {
	const leave = "The person shall leave the territory within thirty days of the order."
	const appeal = "An appeal may be brought before the council within ten days."
	const lodge = "The centre lodges whoever has asked for protection until the decision."
	both := strings.NewReplacer("thirty", "seven", "may be", "is to be").Replace(leave + " " + appeal)
	tests := []struct {
		name     string
		old, new []string
		want     string
	}{
		{"joined", []string{leave, appeal, lodge}, []string{both, lodge}, "join 0>0 w5"},
		{"split", []string{both, lodge}, []string{leave, appeal, lodge}, "split 0>0 w5"},
		{"three in one", []string{leave, appeal, lodge}, []string{both + " " + strings.Replace(lodge, "has asked", "asks", 1)}, "join 0>0 w5"},
		{"under a number that stays", []string{"Art. 1.", leave, appeal, "Art. 2.", lodge}, []string{"Art. 1.", both, "Art. 2.", lodge}, "join 1>1 w5"},
		{"one goes, one is reworded", []string{leave, appeal}, []string{strings.Replace(leave, "thirty", "seven", 1)}, "substitute 0>0 w5, delete 1>-1 w3"},
		{"what goes says what the other said already", []string{leave, leave + " " + appeal}, []string{strings.Replace(leave, "of the order", "of being told", 1) + " " + appeal},
			"delete 0>-1 w3, substitute 1>0 w2"},
		{"a heading is no part of what stands under it", []string{"The appeal before the council of ten days", leave}, []string{both}, "delete 0>-1 w3, substitute 1>0 w5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			old, new := version(1, "en", test.old...), version(2, "en", test.new...)
			if strings.HasPrefix(test.name, "a heading") {
				old.Blocks[0].Kind = "heading"
			}
			c := Between(old, new)
			if got := listed(c.Edits); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			for _, e := range c.Edits {
				var before, after strings.Builder
				for _, w := range e.Words {
					if w.Op != Inserted {
						before.WriteString(w.Text)
					}
					if w.Op != Deleted {
						after.WriteString(w.Text)
					}
				}
				if before.String() != e.Before || after.String() != e.After {
					t.Errorf("the redline is from %q to %q", before.String(), after.String())
				}
			}
		})
	}
}
