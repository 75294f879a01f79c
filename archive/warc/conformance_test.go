package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// readAll reads a file as import does: past what is broken.
func readAll(t testing.TB, data []byte) (good, bad int, errs []string) {
	t.Helper()
	r := NewReader(bytes.NewReader(data), 0)
	for {
		rec, _, err := r.Next()
		switch {
		case err == io.EOF:
			return good, bad, errs
		case errors.Is(err, ErrTorn):
			return good, bad + 1, append(errs, err.Error())
		case errors.Is(err, ErrMalformed):
			bad++
			errs = append(errs, err.Error())
		case err != nil:
			t.Fatal(err)
		default:
			good++
			if err := rec.CheckBlock(); err != nil {
				bad++
				errs = append(errs, err.Error())
			}
		}
		if good+bad > 100_000 {
			t.Fatal("it does not end")
		}
	}
}

// TestSamples reads the samples of other tools, broken ones too: how many
// records are read, and how many problems reported.
func TestSamples(t *testing.T) {
	root := os.Getenv("VEILLE_DATA")
	if root == "" {
		t.Skip("VEILLE_DATA does not name a folder with the data sets")
	}
	got := map[string]string{}
	err := filepath.WalkDir(filepath.Join(root, "crawler-conformance", "warc"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(d.Name(), ".warc") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		good, bad, errs := readAll(t, data)
		rel, _ := filepath.Rel(root, path)
		got[rel] = fmt.Sprintf("%d read, %d reported", good, bad)
		t.Logf("%-60s %s %.200q", filepath.Base(path), got[rel], errs)
		if len(data) > 0 && good == 0 && !strings.Contains(path, "bad") && !strings.Contains(path, "wrong") && !strings.Contains(path, "empty") {
			t.Errorf("%s: nothing was read: %q", rel, errs)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestABrokenRecordIsPassedOver: in whatever way it is broken, the next is read.
func TestABrokenRecordIsPassedOver(t *testing.T) {
	data, recs, spans := file(t, 5)
	middle := spans[2]
	for name, breaks := range map[string]func(b []byte){
		"a flipped bit":       func(b []byte) { b[middle.Offset+middle.Length/2] ^= 0x20 },
		"zeros":               func(b []byte) { clear(b[middle.Offset : middle.Offset+middle.Length]) },
		"a broken gzip magic": func(b []byte) { b[middle.Offset] = 'x' },
	} {
		b := bytes.Clone(data)
		breaks(b)
		r := NewReader(bytes.NewReader(b), 0)
		var ids []string
		var reported []int64
		for {
			rec, span, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				if !errors.Is(err, ErrMalformed) {
					t.Fatalf("%s: %v", name, err)
				}
				reported = append(reported, span.Offset)
				continue
			}
			ids = append(ids, rec.ID())
		}
		if len(ids) != 4 || ids[2] != recs[3].ID() || len(reported) == 0 || reported[0] != middle.Offset {
			t.Errorf("%s: read %d records, reported %v, want 4 and offset %d", name, len(ids), reported, middle.Offset)
		}
	}
}

func TestPlainFiles(t *testing.T) {
	for name, text := range map[string]string{
		"by the book":          "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nWARC/1.1\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
		"line feeds":           "WARC/0.18\nWARC-Type: response\nContent-Length: 3\n\nabc\n\nWARC/1.0\nWARC-Type: request\nContent-Length: 0\n\n",
		"no line ends after":   "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabcWARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n",
		"a header goes on":     "WARC/1.0\r\nWARC-Type:\r\n response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nWARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n",
		"something between":    "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nrubbish\r\nWARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n",
		"a length that lies":   "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabcdefgh\r\n\r\nWARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n",
		"ten gigabytes":        "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nWARC/1.0\r\nContent-Length: 10000000000\r\n\r\nx\r\nWARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n",
		"a header of 200 KB":   "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nWARC/1.0\r\n" + strings.Repeat("X: y\r\n", 40_000) + "\r\nWARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n",
		"a line of a megabyte": "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 3\r\n\r\nabc\r\n\r\nWARC/1.0\r\nX: " + strings.Repeat("y", 1<<20) + "\r\nWARC/1.0\r\nWARC-Type: request\r\nContent-Length: 0\r\n\r\n",
	} {
		r := NewReader(strings.NewReader(text), 0)
		var types []string
		for range 100 {
			rec, _, err := r.Next()
			if err == io.EOF {
				break
			}
			if err == nil {
				types = append(types, rec.Type())
			} else if !errors.Is(err, ErrMalformed) {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
		if strings.Join(types, " ") != "response request" {
			t.Errorf("%s: read %q", name, types)
		}
	}
}

// TestABombIsNotRead: a member that would grow to 4 GB costs neither memory
// nor the time to decompress it.
func TestABombIsNotRead(t *testing.T) {
	var bomb bytes.Buffer
	gz, _ := gzip.NewWriterLevel(&bomb, gzip.BestCompression)
	io.WriteString(gz, "WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 4000000000\r\n\r\n")
	zeros := make([]byte, 1<<20)
	for range 200 {
		gz.Write(zeros)
	}
	gz.Close()
	rest, _, _ := file(t, 2)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	good, bad, errs := readAll(t, append(bomb.Bytes(), rest...))
	runtime.ReadMemStats(&after)
	if good != 2 || bad != 1 {
		t.Errorf("%d read, %d reported: %q; want 2 and 1", good, bad, errs)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 8<<20 {
		t.Errorf("it took %d bytes of memory", n)
	}
}

func TestOneMemberForAll(t *testing.T) {
	var b bytes.Buffer
	gz := gzip.NewWriter(&b)
	io.WriteString(gz, "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\nContent-Length: 2\r\n\r\nab\r\n\r\n")
	gz.Close()
	rest, _, _ := file(t, 1)
	r := NewReader(io.MultiReader(&b, bytes.NewReader(rest)), 0)
	for i := range 3 {
		if _, _, err := r.Next(); err != nil || r.Whole() == false {
			t.Errorf("record %d: %v, whole %v", i, err, r.Whole())
		}
	}
	if _, _, err := r.Next(); err != io.EOF {
		t.Errorf("after the last: %v", err)
	}
}

func TestDigestsOfOtherTools(t *testing.T) {
	for _, d := range []string{
		"sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5", "sha1:a9993e364706816aba3e25717850c26c9cd0d89d", "SHA1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
		"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"sha-256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "md5:900150983cd24fb0d6963f7d28e17f72",
	} {
		if ok, known := Matches(d, []byte("abc")); !ok || !known {
			t.Errorf("%s is not taken for the digest of abc", d)
		}
		if ok, _ := Matches(d, []byte("abd")); ok {
			t.Errorf("%s is taken for the digest of abd", d)
		}
	}
	if _, known := Matches("blake3:00", []byte("abc")); known {
		t.Error("an unknown digest is taken for a known one")
	}
}
