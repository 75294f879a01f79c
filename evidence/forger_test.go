package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"veille/archive"
	"veille/archive/warc"
)

// The forger: somebody who knows the format and has the program, but not the
// log's key. Whatever they change, they make all other files fit.

// parts are the files of a bundle, in their order.
type parts struct {
	names []string
	data  map[string][]byte
}

func unpack(t *testing.T, bundle []byte) *parts {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		t.Fatal(err)
	}
	p := &parts{data: map[string][]byte{}}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if p.data[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		p.names = append(p.names, f.Name)
	}
	return p
}

func (p *parts) put(name string, data []byte) {
	if _, ok := p.data[name]; !ok {
		p.names = append(p.names, name)
	}
	p.data[name] = data
}

func (p *parts) remove(names ...string) {
	for _, n := range names {
		delete(p.data, n)
		p.names = slices.DeleteFunc(p.names, func(s string) bool { return s == n })
	}
}

func (p *parts) replace(name, from, to string) {
	p.data[name] = bytes.Replace(p.data[name], []byte(from), []byte(to), 1)
}

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(s[:])
}

// describe makes the package's own digests right.
func (p *parts) describe(t *testing.T) {
	t.Helper()
	type resource struct {
		Name  string `json:"name"`
		Type  string `json:"type,omitempty"`
		Path  string `json:"path"`
		Hash  string `json:"hash"`
		Bytes int64  `json:"bytes"`
	}
	var list []resource
	for _, n := range p.names {
		if !strings.HasPrefix(n, "datapackage") {
			r := resource{strings.ToLower(filepath.Base(n)), "", n, sum(p.data[n]), int64(len(p.data[n]))}
			if filepath.Ext(n) == ".json" {
				r.Type = "json"
			}
			list = append(list, r)
		}
	}
	text, err := json.MarshalIndent(list, "  ", "  ")
	if err != nil {
		t.Fatal(err)
	}
	desc := p.data["datapackage.json"]
	i := bytes.Index(desc, []byte(`"resources": [`)) + len(`"resources": `)
	p.data["datapackage.json"] = slices.Concat(desc[:i], text, []byte("\n}"))
	p.data["datapackage-digest.json"] = fmt.Appendf(nil, `{"hash":%q,"path":"datapackage.json"}`, sum(p.data["datapackage.json"]))
}

// pack writes the bundle again.
func (p *parts) pack(t *testing.T) []byte {
	t.Helper()
	p.describe(t)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, n := range p.names {
		f, err := w.CreateHeader(&zip.FileHeader{Name: n, Method: zip.Store, Modified: t0})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(p.data[n]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// records reads the WARC records of the bundle.
func (p *parts) records(t *testing.T) []*warc.Record {
	t.Helper()
	var out []*warc.Record
	r := warc.NewReader(bytes.NewReader(p.data[dataName]), 0)
	for {
		rec, _, err := r.Next()
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, rec)
	}
}

// write puts records in place of those of the bundle, and all that follows
// from them: digests, entries, index, text, pages.
func (p *parts) write(t *testing.T, recs []*warc.Record) {
	t.Helper()
	var w warc.Writer
	for _, r := range recs {
		set(r, "WARC-Block-Digest", warc.Digest(r.Block))
		if r.Type() == warc.TypeResponse && r.Get("WARC-Payload-Digest") != "" {
			_, body := split(r.Block)
			set(r, "WARC-Payload-Digest", warc.Digest(body))
		}
		if _, err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	p.data[dataName] = bytes.Clone(w.Bytes())
	var texts [][]byte
	var index []string
	for e, err := range archive.Entries(bytes.NewReader(p.data[dataName])) {
		if err != nil {
			break // the check says so
		}
		texts = append(texts, e.Text)
		if e.Version != nil {
			p.data["about/text.txt"] = []byte(text(e.Version))
		}
		if l := indexLine(e, 0); l != nil {
			l.File = "data.warc.gz"
			line, err := l.Format()
			if err != nil {
				t.Fatal(err)
			}
			index = append(index, string(line))
		}
	}
	slices.Sort(index)
	p.data["proofs/entries.txt"] = bytes.Join(texts, []byte("\n"))
	p.data["indexes/index.cdx"] = []byte(strings.Join(append(index, ""), "\n"))
}

// claim changes the statement, and the README with it.
func (p *parts) claim(t *testing.T, change func(*Claim)) {
	t.Helper()
	var c Claim
	if err := json.Unmarshal(p.data["about/statement.json"], &c); err != nil {
		t.Fatal(err)
	}
	change(&c)
	text, err := json.MarshalIndent(&c, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	p.data["about/statement.json"] = append(text, '\n')
	p.data["about/README.md"] = readme(&c)
}

func set(r *warc.Record, name, value string) {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			r.Fields[i].Value = value
		}
	}
}

// response is the record of the look that says within 14 days for the first time.
func response(t *testing.T, recs []*warc.Record) *warc.Record {
	t.Helper()
	for _, r := range recs {
		if r.Type() == warc.TypeResponse && bytes.Contains(r.Block, []byte("14 days")) {
			return r
		}
	}
	t.Fatal("there is no such record")
	return nil
}

// without leaves a look out, with everything that speaks of it.
func (p *parts) without(t *testing.T, seq archive.Seq) {
	t.Helper()
	var recs, group []*warc.Record
	for _, r := range p.records(t) {
		group = append(group, r)
		if s := r.Get("Veille-Seq"); s != "" || r.Type() == warc.TypeConversion {
			if s != fmt.Sprint(seq) {
				recs = append(recs, group...)
			}
			group = nil
		}
	}
	p.remove(fmt.Sprintf("proofs/capture-%d.tlog-proof", seq))
	p.write(t, recs)
	p.claim(t, func(c *Claim) {
		c.Looks = slices.DeleteFunc(c.Looks, func(l ClaimLook) bool { return l.Capture == seq })
		if err := c.conclude(); err != nil {
			t.Fatal(err)
		}
	})
}
