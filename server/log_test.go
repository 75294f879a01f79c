package server

import (
	"encoding/binary"
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive"
)

func TestTilePaths(t *testing.T) {
	for path, want := range map[string]struct {
		n     int64
		width int
		ok    bool
	}{
		"000":               {0, 256, true},
		"067":               {67, 256, true},
		"x001/234":          {1234, 256, true},
		"x001/x234/067.p/8": {1234067, 8, true},
		"000.p/255":         {0, 255, true},
		"000.p/256":         {}, "000.p/0": {}, "000.p/08": {}, "67": {}, "x000/067": {}, "001/234": {}, "x001": {}, "": {}, "abc": {},
		"x001/x001/x001/x001/001": {}, "-01": {}, "+01": {},
	} {
		n, width, ok := parseTile(path)
		if ok != want.ok || ok && (n != want.n || width != want.width) {
			t.Errorf("parseTile(%q) = %d, %d, %v, want %+v", path, n, width, ok, want)
		}
	}
}

// TestTheLogIsServed checks an entry as a stranger would: by the key, the
// checkpoint, a bundle of entries and a tile of hashes, all over HTTP.
func TestTheLogIsServed(t *testing.T) {
	w := newWorld(t)
	w.live()
	key := w.want("/checkpoint/key", 200)
	c, err := archive.ParseCheckpoint([]byte(w.want("/checkpoint", 200, "\n— veille/")), key)
	if err != nil {
		t.Fatal(err)
	}
	if c.Size < 2 || c.Size > 255 {
		t.Fatalf("a log of %d entries", c.Size)
	}
	width := fmt.Sprintf(".p/%d", c.Size)
	hashes := w.want("/tile/0/000"+width, 200)
	bundle := w.want("/tile/entries/000"+width, 200, "veille-capture/2\nseq 1\n", "veille-version/2\n")
	var root []tlog.Hash
	for i := range c.Size {
		n := 2 + int(binary.BigEndian.Uint16([]byte(bundle)))
		h := tlog.RecordHash([]byte(bundle[2:n]))
		bundle = bundle[n:]
		if string(h[:]) != hashes[32*i:32*(i+1)] {
			t.Errorf("entry %d is not what the tile says", i)
		}
		root = append(root, h)
		for k := i; k&1 == 1; k >>= 1 {
			root = append(root[:len(root)-2], tlog.NodeHash(root[len(root)-2], root[len(root)-1]))
		}
	}
	for len(root) > 1 {
		root = append(root[:len(root)-2], tlog.NodeHash(root[len(root)-2], root[len(root)-1]))
	}
	if root[0] != c.Root {
		t.Errorf("the entries have the root %v, the checkpoint says %v", root[0], c.Root)
	}
	w.want("/tile/0/000.p/250", 404)
	w.want("/tile/0/x", 404)
	w.want("/tile/data/000", 404)
}
