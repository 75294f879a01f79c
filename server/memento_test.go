package server

import "testing"

// TestMemento runs testdata/memento.txt.
func TestMemento(t *testing.T) {
	w := newWorld(t)
	w.live()
	w.run("testdata/memento.txt")
}
