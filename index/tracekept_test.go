package index

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// TestATraceIsMadeOnce: the same trace asked for again is the one that was made;
// its timeline ends when it is asked for; and once the index has grown, it is
// made anew.
func TestATraceIsMadeOnce(t *testing.T) {
	a := openArchive(t)
	publish(t, a, "be-office", "en", "https://example.org/1", day(0), "The return hub opens.\n")
	x := openIndex(t, t.TempDir()+"/index")
	syncIndex(t, x, a)
	ask := func(now time.Time) *Trace {
		t.Helper()
		got, err := x.Trace(context.Background(), a, TraceQuery{Phrase: "return hub", Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first, again := ask(day(10)), ask(day(20))
	if &first.Pages[0].Spans[0] != &again.Pages[0].Spans[0] {
		t.Error("the same trace was made twice")
	}
	if n, m := len(first.Timeline.Periods), len(again.Timeline.Periods); n != 11 || m != 21 {
		t.Errorf("the timelines have %d and %d days, want 11 and 21", n, m)
	}
	if first.Pages[0].Now.At.Equal(again.Pages[0].Now.At) {
		t.Error("the first trace was changed by the second")
	}
	publish(t, a, "be-office", "en", "https://example.org/2", day(5), "Another return hub closes.\n")
	syncIndex(t, x, a)
	if n := len(ask(day(20)).Pages); n != 2 {
		t.Errorf("after another page came it stands in %d pages, want 2", n)
	}
}

// TestWaitingForATrace: who waits for a trace gets it from the one who makes it;
// if that one gives up, the next makes it; what is wrong with it is told to all.
func TestWaitingForATrace(t *testing.T) {
	ts := &traces{}
	begun, goOn := make(chan bool), make(chan error)
	first := make(chan error)
	go func() {
		_, err := ts.get(context.Background(), "a", func(*traced) error {
			begun <- true
			return <-goOn
		})
		first <- err
	}()
	<-begun
	second := make(chan error)
	go func() {
		_, err := ts.get(context.Background(), "a", func(*traced) error { return nil })
		second <- err
	}()
	goOn <- context.Canceled
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who gave up got %v", err)
	}
	if err := <-second; err != nil {
		t.Errorf("the other got %v", err)
	}
	if _, err := ts.get(context.Background(), "a", func(*traced) error { return errors.New("made again") }); err != nil {
		t.Error(err)
	}
}

// TestFewTracesAreKept: those that were asked for last, with so many lines
// together; one that is larger than all may be is not kept beside others.
func TestFewTracesAreKept(t *testing.T) {
	ts := &traces{}
	ask := func(name string, lines int) (made bool) {
		t.Helper()
		if _, err := ts.get(context.Background(), name, func(got *traced) error {
			made, got.lines = true, lines
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return made
	}
	for n := range keptTraces + 1 {
		ask(fmt.Sprint(n), 1)
		ask("0", 1)
	}
	if ask("0", 1) {
		t.Error("one that is asked for all the time was let go of")
	}
	if !ask("1", 1) {
		t.Error("the one that was asked for longest ago is still there")
	}
	ask("large", keptTraceLines)
	if len(ts.known) != 1 || ts.lines != keptTraceLines {
		t.Errorf("%d traces of %d lines are kept, want the large one", len(ts.known), ts.lines)
	}
}
