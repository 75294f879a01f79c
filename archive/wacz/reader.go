package wacz

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Bounds of what a Reader takes, so that a hostile file costs bounded memory
// and disk.
const (
	maxParts = 100_000
	maxPart  = 64 << 20 // of a part that is read into memory
	maxSpool = 16 << 30 // of a compressed WARC file that has to be spooled
	maxRatio = 200      // of a part to its compressed size
)

// A Reader is an open WACZ. Its parts are never written anywhere under the
// names they have.
type Reader struct {
	zip   *zip.Reader
	parts map[string]*zip.File
	desc  *description
}

// Open opens a WACZ. Errors about what it holds wrap [ErrMalformed].
func Open(r io.ReaderAt, size int64) (*Reader, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: not a ZIP file: %w", ErrMalformed, err)
	}
	if len(z.File) > maxParts {
		return nil, fmt.Errorf("%w: it has %d parts, over %d", ErrMalformed, len(z.File), maxParts)
	}
	w := &Reader{zip: z, parts: make(map[string]*zip.File, len(z.File))}
	rest := uint64(size)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if path.Clean("/"+f.Name) != "/"+f.Name || strings.ContainsAny(f.Name, "\\\x00") {
			return nil, fmt.Errorf("%w: a part is called %.60q", ErrMalformed, f.Name)
		}
		if w.parts[f.Name] != nil {
			return nil, fmt.Errorf("%w: two parts are called %.60q", ErrMalformed, f.Name)
		}
		if f.Method != zip.Store && f.UncompressedSize64/max(1, f.CompressedSize64) > maxRatio {
			return nil, fmt.Errorf("%w: %.60q would grow from %d to %d bytes", ErrMalformed, f.Name, f.CompressedSize64, f.UncompressedSize64)
		}
		if f.CompressedSize64 > rest {
			return nil, fmt.Errorf("%w: its parts overlap", ErrMalformed)
		}
		rest -= f.CompressedSize64
		w.parts[f.Name] = f
	}
	text, err := w.File(packageName)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &w.desc); err != nil || w.desc == nil {
		return nil, fmt.Errorf("%w: %s: %v", ErrMalformed, packageName, err)
	}
	if len(w.WARCs()) == 0 {
		return nil, fmt.Errorf("%w: it holds no WARC file under archive/", ErrMalformed)
	}
	return w, nil
}

// File returns a part that fits in memory.
func (w *Reader) File(name string) ([]byte, error) {
	f := w.parts[name]
	if f == nil {
		return nil, fmt.Errorf("%w: %s is missing", ErrMalformed, name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxPart+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, name, err)
	}
	if len(b) > maxPart {
		return nil, fmt.Errorf("%w: %s is over %d bytes long", ErrMalformed, name, maxPart)
	}
	return b, nil
}

// Files are the names of all parts, in the order of the ZIP file.
func (w *Reader) Files() []string {
	var names []string
	for _, f := range w.zip.File {
		if w.parts[f.Name] == f {
			names = append(names, f.Name)
		}
	}
	return names
}

// WARCs are the names of the WARC files.
func (w *Reader) WARCs() []string {
	var names []string
	for _, n := range w.Files() {
		if strings.HasPrefix(n, "archive/") && (strings.HasSuffix(n, ".warc") || strings.HasSuffix(n, ".warc.gz")) {
			names = append(names, n)
		}
	}
	return names
}

// Verify checks that each part has the length and the digest that the
// description gives it, and the description that of its own. What is wrong is
// returned, one sentence each; the error is for what kept it from looking.
func (w *Reader) Verify() (problems []string, err error) {
	listed := map[string]bool{}
	for _, r := range w.desc.Resources {
		listed[r.Path] = true
		f := w.parts[r.Path]
		if f == nil {
			problems = append(problems, r.Path+" is listed and missing")
			continue
		}
		if r.Hash == "" { // before 1.0.0 they lay elsewhere, or were not there
			if r.Stats == nil || r.Stats.Hash == "" {
				continue
			}
			r.Hash, r.Bytes = r.Stats.Hash, r.Stats.Bytes
		}
		sum, n, err := hashPart(f)
		switch {
		case err != nil:
			problems = append(problems, fmt.Sprintf("%s cannot be read: %v", r.Path, err))
		case n != r.Bytes:
			problems = append(problems, fmt.Sprintf("%s is %d bytes long, the description says %d", r.Path, n, r.Bytes))
		case strings.TrimPrefix(strings.TrimPrefix(r.Hash, "sha256:"), "sha-256:") != sum:
			problems = append(problems, fmt.Sprintf("%s has the digest sha256:%s, the description says %s", r.Path, sum, r.Hash))
		}
	}
	for _, n := range w.WARCs() {
		if !listed[n] {
			problems = append(problems, n+" is not in the description")
		}
	}
	if w.parts[digestName] == nil {
		return problems, nil
	}
	text, err := w.File(digestName)
	if err != nil {
		return nil, err
	}
	var d struct{ Hash string }
	desc, err := w.File(packageName)
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(text, &d) != nil || d.Hash != digest(desc) {
		problems = append(problems, packageName+" is not what "+digestName+" says")
	}
	return problems, nil
}

func hashPart(f *zip.File) (string, int64, error) {
	r, err := f.Open()
	if err != nil {
		return "", 0, err
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(r, maxSpool+1))
	if err == nil && n > maxSpool {
		err = fmt.Errorf("it is over %d bytes long", int64(maxSpool))
	}
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// A WARC is one of the WARC files, open for reading at any offset.
type WARC struct {
	io.ReaderAt
	Size  int64
	spool *os.File
}

// Close removes what had to be spooled.
func (s *WARC) Close() error {
	if s.spool == nil {
		return nil
	}
	err := s.spool.Close()
	os.Remove(s.spool.Name())
	return err
}

// WARC opens one of the WARC files. One that is compressed once more is
// spooled to a temporary file in dir.
func (w *Reader) WARC(r io.ReaderAt, name, dir string) (*WARC, error) {
	f := w.parts[name]
	if f == nil {
		return nil, fmt.Errorf("%w: %s is missing", ErrMalformed, name)
	}
	if f.Method == zip.Store {
		at, err := f.DataOffset()
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, name, err)
		}
		return &WARC{ReaderAt: io.NewSectionReader(r, at, int64(f.CompressedSize64)), Size: int64(f.CompressedSize64)}, nil
	}
	src, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrMalformed, name, err)
	}
	defer src.Close()
	tmp, err := os.CreateTemp(dir, "wacz-*.warc")
	if err != nil {
		return nil, fmt.Errorf("spool %s: %w", name, err)
	}
	s := &WARC{ReaderAt: tmp, spool: tmp}
	if s.Size, err = io.Copy(tmp, io.LimitReader(src, maxSpool+1)); err == nil && s.Size > maxSpool {
		err = fmt.Errorf("%w: it is over %d bytes long", ErrMalformed, int64(maxSpool))
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("spool %s: %w", name, err)
	}
	return s, nil
}
