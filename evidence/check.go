package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/archive/wacz"
)

// digestOf is the SHA-256 digest of a text.
func digestOf(b []byte) [32]byte { return sha256.Sum256(b) }

// A Verdict says what a bundle proves, after every step of it was checked.
type Verdict struct {
	Claim   *Claim    `json:"claim"`
	Key     string    `json:"key"`              // with which the signatures were checked
	OwnKey  bool      `json:"own_key"`          // it is the bundle's own: whoever checks has not compared it with the published one
	Entries int       `json:"entries"`          // entries of the log that were proven
	Stamped time.Time `json:"stamped,omitzero"` // when a time-stamp authority saw the checkpoint
	Token   []byte    `json:"-"`                // its token (RFC 3161), not checked here; nil if there is none
	Signed  []byte    `json:"-"`                // the checkpoint, which the token is of
	Text    string    `json:"-"`                // the wording
}

// Check verifies a bundle that [Prove] wrote, without network and with nothing
// but the log's public key; "" takes the one in the bundle, which proves that
// the bundle is whole and not whose it is. Every record is read again: its
// bytes against its digests, its digests against the log's entry, the entry
// against the signed checkpoint, and the statement against all of them. The
// error for what does not hold wraps [ErrNotProven].
func Check(r io.ReaderAt, size int64, key string) (*Verdict, error) {
	z, err := wacz.Open(r, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	problems, err := z.Verify()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	if len(problems) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotProven, strings.Join(problems, "; "))
	}
	c := &checker{zip: z, v: &Verdict{Claim: &Claim{}, Key: strings.TrimSpace(key)}, captures: map[archive.Seq]*archive.LogEntry{}}
	if err := c.open(); err != nil {
		return nil, err
	}
	data, err := z.WARC(r, "archive/data.warc.gz", "")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	defer data.Close()
	for e, err := range archive.Entries(io.NewSectionReader(data, 0, data.Size)) {
		if err == nil {
			err = c.entry(e)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
		}
	}
	if err := c.claim(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	return c.v, nil
}

// A checker goes through one bundle.
type checker struct {
	zip      *wacz.Reader
	v        *Verdict
	captures map[archive.Seq]*archive.LogEntry // without their bodies
	version  *archive.Version
	root     *archive.Checkpoint
}

func (c *checker) file(name string) ([]byte, error) {
	b, err := c.zip.File(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	return b, nil
}

// open reads the key, the checkpoint and the statement.
func (c *checker) open() error {
	if c.v.Key == "" {
		own, err := c.file("proofs/key.pub")
		if err != nil {
			return err
		}
		c.v.Key, c.v.OwnKey = strings.TrimSpace(string(own)), true
	}
	var err error
	if c.v.Signed, err = c.file("proofs/checkpoint"); err != nil {
		return err
	}
	if c.root, err = archive.ParseCheckpoint(c.v.Signed, c.v.Key); err != nil {
		return fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	statement, err := c.file("statement.json")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(statement, c.v.Claim); err != nil {
		return fmt.Errorf("%w: statement.json: %w", ErrNotProven, err)
	}
	if slices.Contains(c.zip.Files(), "proofs/checkpoint.tsr") {
		if c.v.Token, err = c.file("proofs/checkpoint.tsr"); err != nil {
			return err
		}
	}
	return nil
}

// entry checks that one entry is in the log.
func (c *checker) entry(e *archive.LogEntry) error {
	name := fmt.Sprintf("proofs/capture-%d.tlog-proof", e.Seq)
	if e.Version != nil {
		name = fmt.Sprintf("proofs/version-%d.tlog-proof", e.Version.ID)
	}
	text, err := c.zip.File(name)
	if err != nil {
		return err
	}
	p, err := ParseProof(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !bytes.Equal(p.Checkpoint, c.v.Signed) {
		return fmt.Errorf("%s: it speaks of another checkpoint", name)
	}
	if _, err := p.Check(e.Hash(), c.v.Key); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.v.Entries++
	if e.Version != nil {
		if c.version != nil {
			return fmt.Errorf("it holds two readings, of versions %d and %d", c.version.ID, e.Version.ID)
		}
		c.version = e.Version
		return nil
	}
	e.Body = nil
	c.captures[e.Seq] = e
	return nil
}

// claim checks the statement against what was proven.
func (c *checker) claim() error {
	s := c.v.Claim
	if c.version == nil || c.version.ID != s.Version || c.version.URL != s.URL || c.version.Title != s.Title || c.version.Lang != s.Lang {
		return fmt.Errorf("statement.json speaks of version %d of %s, which was not proven", s.Version, s.URL)
	}
	if s.Log != c.root.Origin || s.LogSize != c.root.Size {
		return fmt.Errorf("statement.json speaks of a log %s of %d entries, the checkpoint of %s with %d", s.Log, s.LogSize, c.root.Origin, c.root.Size)
	}
	shows := 0
	var before time.Time
	var first, last time.Time
	for _, e := range c.captures {
		if e.URL != s.URL {
			return fmt.Errorf("capture %d is of %s", e.Seq, e.URL)
		}
		if e.Refers != 0 && c.captures[e.Refers] == nil {
			return fmt.Errorf("capture %d repeats capture %d, which is not in the bundle", e.Seq, e.Refers)
		}
		if e.Time.Before(s.First) || e.Time.After(s.Last) {
			if e.Time.Before(s.First) && e.Time.After(before) {
				before = e.Time
			}
			continue
		}
		if e.Status < 200 || e.Status >= 500 {
			continue
		}
		shows++
		if first.IsZero() || e.Time.Before(first) {
			first = e.Time
		}
		if e.Time.After(last) {
			last = e.Time
		}
	}
	switch {
	case shows != s.Checks || !first.Equal(s.First) || !last.Equal(s.Last):
		return fmt.Errorf("statement.json counts %d looks from %s to %s, the records %d from %s to %s",
			s.Checks, stamp(s.First), stamp(s.Last), shows, stamp(first), stamp(last))
	case !s.Seen.By.Equal(s.First):
		return fmt.Errorf("statement.json says first seen by %s, the first look at it was at %s", stamp(s.Seen.By), stamp(s.First))
	case !s.Seen.After.Equal(before):
		return fmt.Errorf("statement.json says not yet seen at %s, the look before was at %s", stamp(s.Seen.After), stamp(before))
	}
	c.v.Text = text(c.version)
	return nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
