package diff

import (
	"fmt"
	"testing"
	"time"

	"veille/archive"
)

// story is a page that had one text after the other, a day apart.
func story(texts ...string) []*archive.Version {
	var out []*archive.Version
	for i, text := range texts {
		v := page(archive.Seq(i+1), text)
		v.Time = time.Date(2026, 3, 1+i, 8, 0, 0, 0, time.UTC)
		out = append(out, v)
	}
	return out
}

// last is the last change of a story, told with what went before.
func last(stood time.Duration, vs ...*archive.Version) *Change {
	n := len(vs) - 1
	c := Between(vs[n-1], vs[n])
	var traces []*Trace
	for _, v := range vs[:n] {
		traces = append(traces, TraceOf(v))
	}
	c.Settle(traces, stood)
	return c
}

const (
	served   = "# Terms\nAcme Limited of Dublin must answer complaints.\n"
	elsewise = "# Terms\nAcme Limited of Dublin may answer complaints.\n"
	strict   = "The minister must answer within 10 days."
	lenient  = "The minister may answer within 30 days."
)

func TestFlapping(t *testing.T) {
	a, b := served+strict, elsewise+strict
	for _, x := range []struct {
		name  string
		texts []string
		stood time.Duration
		want  string
	}{
		{"a first departure is news", []string{a, a, a, a, b}, 0, "w5"},
		{"a return is news", []string{a, b, a}, 0, "w5"},
		{"so is a second departure", []string{a, b, a, b}, 0, "w5"},
		{"what flaps is the least of it", []string{a, b, a, b, a}, 0, "w2 damped from 5 after 3"},
		{"a reversal that lasts is", []string{a, b, a, b, a}, 15 * 24 * time.Hour, "w5"},
		{"what does not flap weighs what it weighs beside what does", []string{a, b, a, b, served + lenient}, 0, "w2 damped from 5 after 3, w5"},
		{"a third wording is news", []string{a, b, a, b, "# Terms\nAcme Limited of Dublin shall answer no complaints.\n" + strict}, 0, "w5"},
	} {
		c := last(x.stood, story(x.texts...)...)
		if got := dampings(c); got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
		heaviest, hidden := 0, 0
		for _, e := range c.Edits {
			heaviest = max(heaviest, e.Weight)
			if e.Weight < news {
				hidden++
			}
		}
		if c.Weight != heaviest || c.Hidden != hidden {
			t.Errorf("%s: weight %d, %d hidden; its edits have %d, %d", x.name, c.Weight, c.Hidden, heaviest, hidden)
		}
	}
}

// dampings writes the weights of edits one after the other.
func dampings(c *Change) string {
	out := ""
	for i, e := range c.Edits {
		if i > 0 {
			out += ", "
		}
		out += fmt.Sprintf("w%d", e.Weight)
		if e.Damped != nil {
			out += fmt.Sprintf(" damped from %d after %d", e.Damped.Weight, e.Damped.Times)
		}
	}
	return out
}

func TestCounting(t *testing.T) {
	count := func(head string, figures ...int) []*archive.Version {
		var texts []string
		for _, n := range figures {
			texts = append(texts, fmt.Sprintf("# %s\nThere are %d places free tonight.\n%s", head, n, strict))
		}
		return story(texts...)
	}
	if got := dampings(last(0, count("Tonight", 5, 9, 4, 7, 3, 8)...)); got != "w1 damped from 4 after 4" {
		t.Errorf("a counter: %s", got)
	}
	if got := dampings(last(0, count("Tonight", 5, 9, 4, 8)...)); got != "w4" {
		t.Errorf("a figure that changed twice: %s", got)
	}
	if got := dampings(last(0, count("Art. 8", 5, 9, 4, 7, 3, 8)...)); got != "w4" {
		t.Errorf("a figure in an article: %s", got)
	}
	slow := count("Tonight", 5, 9, 4, 7, 3, 8)
	for i, v := range slow {
		v.Time = v.Time.AddDate(0, 0, 7*i)
	}
	if got := dampings(last(0, slow...)); got != "w4" {
		t.Errorf("a figure that changes once a week: %s", got)
	}
}

// A figure that rises step by step within a day, as while an incident is
// reported or in a demonstration, is no counter yet.
func TestFiguresWithinADay(t *testing.T) {
	var texts []string
	for _, n := range []int{5, 9, 4, 7, 3, 8} {
		texts = append(texts, fmt.Sprintf("# Tonight\nThere are %d places free tonight.\n%s", n, strict))
	}
	vs := story(texts...)
	for i, v := range vs {
		v.Time = vs[0].Time.Add(time.Duration(i) * time.Hour)
	}
	if got := dampings(last(0, vs...)); got != "w4" {
		t.Errorf("within a day: %s", got)
	}
}

// A passage that would weigh no more than the least that is news keeps its weight.
func TestFlappingStaysInSight(t *testing.T) {
	a, b := "# Terms\nThe service is offered by Acme Limited of Dublin.", "# Terms\nThe service is offered by Acme Corporation of Nevada."
	if got := dampings(last(0, story(a, b, a, b, a)...)); got != "w2" {
		t.Errorf("names that take turns: %s", got)
	}
}

// What flapped long ago is forgotten.
func TestFlappingIsForgotten(t *testing.T) {
	a, b := served+strict, elsewise+strict
	vs := story(a, b, a, b, a)
	vs[4].Time = vs[4].Time.AddDate(0, 4, 0)
	if got := dampings(last(0, vs...)); got != "w5" {
		t.Errorf("after four months: %s", got)
	}
}
