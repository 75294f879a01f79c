package archive

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"testing"

	"github.com/andybalholm/brotli"
)

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func brotlied(b []byte) []byte {
	var out bytes.Buffer
	w := brotli.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestContentCodingsAreUndone(t *testing.T) {
	text := bytes.Repeat([]byte("Article 8. "), 50)
	for _, tt := range []struct {
		coding string
		body   []byte
	}{{"", text}, {"identity", text}, {"gzip", gzipped(text)}, {"br", brotlied(text)}, {"gzip, br", brotlied(gzipped(text))}} {
		got, err := DecodeBody(http.Header{"Content-Encoding": {tt.coding}}, tt.body, 1<<20)
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("%q: %d bytes, %v", tt.coding, len(got), err)
		}
	}
	if _, err := DecodeBody(http.Header{"Content-Encoding": {"zip"}}, text, 1<<20); err == nil {
		t.Error("an unknown coding was taken")
	}
}

func TestABombIsRefused(t *testing.T) {
	bomb := gzipped(make([]byte, 10<<20))
	_, err := DecodeBody(http.Header{"Content-Encoding": {"gzip"}}, bomb, 1<<20)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("10 MB within 1 MB: %v, want ErrTooLarge", err)
	}
}

func FuzzBlocks(f *testing.F) {
	c, err := newBlockCodec()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.encode(blocks("A.", "B.")))
	f.Add(encodeRuns([]blockRef{{1, 0}, {1, 1}, {7, 0}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		c.decode(data, 1)
		decodeRuns(data)
	})
}
