package server

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"veille/archive"
)

// The tamper-evident log as C2SP tlog-tiles has it: a checkpoint and tiles,
// plain files to whoever asks. Full tiles never change.

// checkpoint answers with the latest signed checkpoint.
func (w *web) checkpoint(rw http.ResponseWriter, r *http.Request) error {
	rw.Header().Set("Cache-Control", "no-store")
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Access-Control-Allow-Origin", "*")
	_, err := rw.Write(w.Archive.Checkpoint())
	return err
}

// logKey answers with the log's public key.
func (w *web) logKey(rw http.ResponseWriter, r *http.Request) error {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.Header().Set("Access-Control-Allow-Origin", "*")
	_, err := fmt.Fprintln(rw, w.Archive.LogKey())
	return err
}

// tile answers with the hashes of a tile, or with a bundle of entries.
func (w *web) tile(rw http.ResponseWriter, r *http.Request) error {
	level, number, _ := strings.Cut(r.PathValue("path"), "/")
	n, width, ok := parseTile(number)
	if !ok {
		http.Error(rw, "not the path of a tile (C2SP tlog-tiles): /tile/<level>/<N>[.p/<width>]", http.StatusNotFound)
		return nil
	}
	var data []byte
	var err error
	if level == "entries" {
		data, err = w.Archive.Entries(r.Context(), n, width)
	} else {
		l, lerr := strconv.Atoi(level)
		if lerr != nil || level != strconv.Itoa(l) {
			l = -1
		}
		data, err = w.Archive.Tile(r.Context(), l, n, width)
	}
	if errors.Is(err, archive.ErrNotInLog) {
		http.Error(rw, err.Error(), http.StatusNotFound)
		return nil
	}
	if err != nil {
		return err
	}
	rw.Header().Set("Content-Type", "application/octet-stream")
	rw.Header().Set("Access-Control-Allow-Origin", "*")
	rw.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err = rw.Write(data)
	return err
}

// parseTile reads "x001/x234/067" or "x001/x234/067.p/89": groups of three
// digits, all but the last behind an x.
func parseTile(path string) (n int64, width int, ok bool) {
	width = 256
	if full, partial, cut := strings.Cut(path, ".p/"); cut {
		w, err := strconv.Atoi(partial)
		if err != nil || w < 1 || w > 255 || strconv.Itoa(w) != partial {
			return 0, 0, false
		}
		path, width = full, w
	}
	groups := strings.Split(path, "/")
	if len(groups) > 4 {
		return 0, 0, false
	}
	for i, g := range groups {
		if i < len(groups)-1 {
			if !strings.HasPrefix(g, "x") {
				return 0, 0, false
			}
			g = g[1:]
		}
		if len(g) != 3 {
			return 0, 0, false
		}
		d, err := strconv.ParseUint(g, 10, 32)
		if err != nil {
			return 0, 0, false
		}
		n = n*1000 + int64(d)
	}
	if len(groups) > 1 && groups[0] == "x000" {
		return 0, 0, false
	}
	return n, width, true
}
