package server

import (
	"testing"
	"time"
)

// TestReuseOfAnOldPassage: a page that had the words first is not told to be later
// because it has reworded them since, or took them away for a while.
func TestReuseOfAnOldPassage(t *testing.T) {
	t.Parallel()
	const complain = "A person who is held may complain to the complaints board about the conditions of the stay."
	const hears = "The board hears the person within ten days and sends its decision to both parties."
	w := newWorld(t)
	act, copied := w.at+"/act", w.at+"/copy"
	w.publish(act, complain+"\n"+hears, hears, "The board hears the person within five days and sends its decision to both parties.\n"+complain)
	w.publishFrom(time.Date(2025, 1, 2, 12, 0, 0, 0, time.UTC), copied, complain+"\n"+hears)
	if err := w.server.Index.Sync(t.Context(), w.server.Log, w.server.Archive); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		url, block, order string
		before            int // day of January, 0: not told
	}{
		{act, "b1", "later", 1}, {act, "b0", "later", 1}, {copied, "b0", "earlier", 0}, {copied, "b1", "earlier", 0},
	} {
		doc, err := w.server.docs.Reuse(t.Context(), c.url, time.Time{}, c.block, "", false)
		if err != nil {
			t.Fatal(err)
		}
		before := 0
		if doc.Before != nil {
			before = doc.Before.FirstSeen.By.Day()
		}
		if len(doc.Passages) != 1 || doc.Passages[0].Order != c.order || before != c.before {
			t.Errorf("%s %s: %+v before %d, want the other page %s, before %d", c.url, c.block, doc.Passages, before, c.order, c.before)
		}
	}
}
