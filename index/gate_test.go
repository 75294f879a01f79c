package index

import (
	"context"
	"testing"
)

// TestAGateLetsSoManyInAtATime: whoever comes when it is full waits, and gives
// up with its context; whoever leaves makes room for one, however often it says so.
func TestAGateLetsSoManyInAtATime(t *testing.T) {
	ctx := context.Background()
	given, giveUp := context.WithCancel(ctx)
	giveUp()
	g := make(gate, 1)
	leave, err := g.enter(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.enter(given); err == nil {
		t.Fatal("a second one came in while the first was there")
	}
	leave()
	leave()
	if _, err := g.enter(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := g.enter(given); err == nil {
		t.Error("one that left twice made room for two")
	}
}

// TestALongTurnEnds: a search that takes long does not keep the others out.
func TestALongTurnEnds(t *testing.T) {
	g := make(gate, 1)
	if _, err := g.enterFor(context.Background(), 0); err != nil {
		t.Fatal(err)
	}
	leave, err := g.enter(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	leave()
}
