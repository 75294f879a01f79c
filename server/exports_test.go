package server

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"veille/archive/wacz"
)

// TestAPackageInParts: what a player fetches range by range is one and the
// same package, and a whole one.
func TestAPackageInParts(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w := newWorld(t)
	w.pass()
	part := func(from, to int) (*http.Response, []byte) {
		t.Helper()
		req, err := http.NewRequest("GET", w.web.URL+"/export/page/2.wacz", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to))
		res, err := w.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, b
	}
	var whole []byte
	tag := ""
	for len(whole) < 1<<20 {
		res, b := part(len(whole), len(whole)+999)
		if res.StatusCode == http.StatusRequestedRangeNotSatisfiable {
			break
		}
		if res.StatusCode != http.StatusPartialContent || tag != "" && res.Header.Get("ETag") != tag {
			t.Fatalf("status %d, ETag %s after %s", res.StatusCode, res.Header.Get("ETag"), tag)
		}
		tag = res.Header.Get("ETag")
		whole = append(whole, b...)
	}
	z, err := wacz.Open(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	if problems, err := z.Verify(); err != nil || len(problems) > 0 {
		t.Errorf("the parts together: %q, %v", problems, err)
	}
}

// TestExportsForEverybody: those that cost the whole archive are the operator's.
func TestExportsForEverybody(t *testing.T) {
	w := newWorld(t)
	w.server.Open = false
	w.server.BaseURL = "https://veille.example.org"
	w.pass()
	h := w.server.Handler()
	for path, want := range map[string]int{"/export/archive.wacz?all=1": 403, "/export/archive.cdxj": 403, "/export/page/2.wacz": 200, "/export/versions.csv": 200} {
		rec := newRecorder(t, h, "GET", path)
		if rec.Code != want {
			t.Errorf("%s: status %d, want %d\n%.300s", path, rec.Code, want, rec.Body)
		}
	}
	rec := newRecorder(t, h, "OPTIONS", "/export/page/2.wacz")
	if rec.Code != http.StatusNoContent || rec.Header().Get("Access-Control-Allow-Headers") == "" {
		t.Errorf("a browser that asks is told %d %v", rec.Code, rec.Header())
	}
	var b bytes.Buffer
	var input *InputError
	l := &limited{&b, 10}
	if _, err := l.Write(make([]byte, 10)); err != nil {
		t.Error(err)
	}
	if _, err := l.Write([]byte{1}); !errors.As(err, &input) {
		t.Errorf("beyond the limit: %v", err)
	}
}

// TestAShelfKeepsAFew: the latest ones are kept, what is in use stays readable,
// nothing is left behind.
func TestAShelfKeepsAFew(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := newShelf()
	built := 0
	get := func(key string) (*madeFile, func()) {
		t.Helper()
		f, release, err := s.get(t.Context(), key, func(_ context.Context, w io.Writer) error {
			built++
			_, err := io.WriteString(w, key)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return f, release
	}
	first, releaseFirst := get("first")
	for i := range 10 {
		_, release := get(fmt.Sprint(i))
		release()
	}
	_, release := get("9")
	release()
	if built != 11 {
		t.Errorf("%d were built, want 11", built)
	}
	text := make([]byte, 5)
	if _, err := first.file.ReadAt(text, 0); err != nil || string(text) != "first" {
		t.Errorf("what is in use: %q, %v", text, err)
	}
	releaseFirst()
	if _, _, err := s.get(t.Context(), "broken", func(context.Context, io.Writer) error { return errors.New("no") }); err == nil {
		t.Error("what cannot be made is there")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) > 0 {
		t.Errorf("%d files lie about: %v", len(files), err)
	}
}

func newRecorder(t *testing.T, h http.Handler, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest(method, path, nil))
	return rec
}
