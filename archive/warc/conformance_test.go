package warc

import (
	"bytes"
	"errors"
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

// samples are the files of other tools: how many records are read in each, and
// what is reported of those that cannot be.
var samples = map[string]struct {
	read     int
	reported []string
}{
	"iipc+jwarc/cc.warc.gz":                                        {1, nil},
	"iipc+jwarc/gzip_extra_sl.warc.gz":                             {1, nil},
	"internetarchive+gowarc/corrupted-mid-record.warc.gz.open":     {12, []string{`offset 1219: malformed WARC record: begins with "CORRU"`}},
	"internetarchive+gowarc/corrupted-trailing-bytes.warc.gz.open": {30, []string{`offset 2362: malformed WARC record: begins with "GARBA"`}},
	"internetarchive+gowarc/empty.warc.gz.open":                    {0, []string{"offset 0: torn WARC record"}},
	"internetarchive+gowarc/good.warc.gz.open":                     {50, nil},
	"internetarchive+gowarc/single-record.warc.gz.open":            {1, nil},
	"internetarchive+gowarc/skip-non-open.warc.gz":                 {10, nil},
	"internetarchive+gowarc/test.warc.gz":                          {3, nil},
	"webrecorder+pywb/dupes.warc.gz":                               {25, nil},
	"webrecorder+pywb/example-bad.warc.gz.bad":                     {6, nil},
	"webrecorder+pywb/example-extra.warc":                          {6, nil},
	"webrecorder+pywb/example-url-agnostic-orig.warc.gz":           {2, nil},
	"webrecorder+pywb/example-url-agnostic-revisit.warc.gz":        {2, nil},
	"webrecorder+pywb/example-wget-1-14.warc.gz":                   {6, nil},
	"webrecorder+pywb/example-wpull.warc.gz":                       {4, nil},
	"webrecorder+pywb/example.warc":                                {6, []string{`offset 4764: malformed WARC record: begins with "m`}},
	"webrecorder+pywb/example.warc.gz":                             {6, nil},
	"webrecorder+pywb/example2.warc.gz":                            {3, nil},
	"webrecorder+pywb/httpbin-resource.warc.gz":                    {1, nil},
	"webrecorder+pywb/iana.warc.gz":                                {343, nil},
	"webrecorder+pywb/missing-status-text.warc":                    {1, nil},
	"webrecorder+pywb/post-test.warc.gz":                           {6, nil},
	"webrecorder+warcio/example-bad-non-chunked.warc.gz":           {6, []string{"its block is not what its digest sha1:DVRKRZEWKT4QEWGQOSFOA5KY5VDIWJLW says"}},
	"webrecorder+warcio/example-bad.warc.gz.bad":                   {6, nil},
	"webrecorder+warcio/example-digest.warc":                       {4, nil},
	"webrecorder+warcio/example-iana.org-chunked.warc":             {3, nil},
	"webrecorder+warcio/example-resource.warc.gz":                  {3, nil},
	"webrecorder+warcio/example-space-in-target-uri.warc.gz":       {2, nil},
	"webrecorder+warcio/example-trunc.warc":                        {4, []string{"its block is not what its digest sha1:DR5MBP7OD3OPA7RFKWJUD4CTNUQUGFC5 says", "offset 2560: malformed"}},
	"webrecorder+warcio/example-wget-bad-target-uri.warc.gz":       {6, nil},
	"webrecorder+warcio/example-wrong-chunks.warc.gz":              {0, []string{"offset 0: torn WARC record"}}, // import unpacks it first
	"webrecorder+warcio/example.warc":                              {6, nil},
	"webrecorder+warcio/example.warc.gz":                           {6, nil},
	"webrecorder+warcio/post-test.warc.gz":                         {6, nil},
}

// TestSamples reads the samples of other tools, whole and broken: each broken
// record is reported with its offset and passed over, and the rest is read.
func TestSamples(t *testing.T) {
	root := os.Getenv("VEILLE_DATA")
	if root == "" {
		t.Skip("VEILLE_DATA does not name a folder with the data sets")
	}
	root = filepath.Join(root, "crawler-conformance", "warc")
	if _, err := os.Stat(root); err != nil {
		t.Skip(err)
	}
	seen := 0
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(d.Name(), ".warc") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		tool, _, _ := strings.Cut(rel, string(filepath.Separator))
		name := tool + "/" + d.Name()
		want, ok := samples[name]
		if !ok {
			t.Errorf("%s: nobody has said what is in it", name)
			return nil
		}
		seen++
		good, bad, errs := readAll(t, data)
		if good != want.read || bad != len(want.reported) {
			t.Errorf("%s: %d read, %d reported %q; want %d and %q", name, good, bad, errs, want.read, want.reported)
			return nil
		}
		for i, e := range errs {
			if !strings.Contains(e, want.reported[i]) {
				t.Errorf("%s: reported %q, want %q", name, e, want.reported[i])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < len(samples) {
		t.Errorf("%d samples were read, want %d", seen, len(samples))
	}
}

// TestWhatIsCutElsewhere: a file whose members are not its records is known as
// one that has to be unpacked first.
func TestWhatIsCutElsewhere(t *testing.T) {
	var b bytes.Buffer
	for _, part := range []string{"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 6\r\n\r\nab", "cdef\r\n\r\n"} {
		gz := gzip.NewWriter(&b)
		io.WriteString(gz, part)
		gz.Close()
	}
	r := NewReader(bytes.NewReader(b.Bytes()), 0)
	if _, _, err := r.Next(); err == nil || !r.Whole() {
		t.Errorf("%v, whole %v", err, r.Whole())
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
