package evidence

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/archive/wacz"
)

// A Verdict says what a bundle proves, after every step of it was checked.
type Verdict struct {
	Claim   *Claim `json:"claim"`
	Key     string `json:"key"`     // with which the signatures were checked
	OwnKey  bool   `json:"own_key"` // it is the bundle's own: whoever checks has not compared it with the published one
	Entries int    `json:"entries"` // entries of the log that were proven

	// How the looks that found it are known to have found it.
	SameBytes   int `json:"same_bytes"`   // they brought the very bytes that were read, or a proven repetition of them
	NotModified int `json:"not_modified"` // the server said 304: what you have still holds
	ReadAgain   int `json:"read_again"`   // other bytes, in which this program finds the same wording
	Asserted    int `json:"asserted"`     // other bytes, of which only the archive says so
	// Reading reports that this program finds the wording in the bytes that it
	// is said to be a reading of.
	Reading bool `json:"reading_confirmed"`

	Stamps []StampVerdict `json:"stamps"` // of time-stamp authorities, in the order of time; never nil
	Notes  []string       `json:"notes"`  // what a careful reader should know; never nil
	Text   string         `json:"-"`      // the wording
}

// A StampVerdict says what a time-stamp shows.
type StampVerdict struct {
	Time    time.Time `json:"time"`     // when the authority saw the log
	LogSize int64     `json:"log_size"` // as it was then
	Looks   int       `json:"looks"`    // that found it and were in the log then
	Trusted bool      `json:"trusted"`  // its certificate leads to one that whoever checks gave
}

// Check verifies a bundle that [Prover] wrote, without network and with nothing
// but the log's public key; "" takes the one in the bundle, which proves that
// the bundle is whole and not whose it is. Every record is read again: its
// bytes against its digests, its digests against the log's entry, the entry
// against the signed checkpoint, and all that the bundle says against what
// follows from the records. roots are the certificates of time-stamp
// authorities to trust, nil for none: then what a stamp says is checked and not
// whose it is. The error for what does not hold wraps [ErrNotProven].
func Check(ctx context.Context, r io.ReaderAt, size int64, key string, roots *x509.CertPool) (*Verdict, error) {
	c := &checker{roots: roots, entries: chain{}, leaves: map[archive.Seq]int64{},
		v: &Verdict{Claim: &Claim{}, Key: strings.TrimSpace(key), Stamps: []StampVerdict{}, Notes: []string{}}}
	if err := c.check(ctx, r, size); err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		if errors.Is(err, ErrNotProven) {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	return c.v, nil
}

// A checker goes through one bundle.
type checker struct {
	roots   *x509.CertPool
	zip     *wacz.Reader
	data    *wacz.WARC
	v       *Verdict
	entries chain // the captures, without their bodies
	leaves  map[archive.Seq]int64
	version *archive.Version // nil if there is no reading
	reading *archive.LogEntry
	root    *archive.Checkpoint
	signed  []byte
	texts   bytes.Buffer // entries.txt, as it should be
	index   []string     // lines of the index, likewise
	files   []string     // that belong in a bundle
}

const dataName = "archive/data.warc.gz"

func (c *checker) check(ctx context.Context, r io.ReaderAt, size int64) error {
	var err error
	if c.zip, err = wacz.Open(r, size); err != nil {
		return err
	}
	problems, err := c.zip.Verify()
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return errors.New(strings.Join(problems, "; "))
	}
	if err := c.zip.Plain(r, size); err != nil {
		return err
	}
	if err := c.open(); err != nil {
		return err
	}
	if c.data, err = c.zip.WARC(r, dataName, ""); err != nil {
		return err
	}
	defer c.data.Close()
	for e, err := range archive.Entries(io.NewSectionReader(c.data, 0, c.data.Size)) {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = c.entry(e)
		}
		if err != nil {
			return err
		}
	}
	for _, step := range []func() error{c.claim, func() error { return c.readings(ctx) }, c.stamps, c.papers} {
		if err := step(); err != nil {
			return err
		}
	}
	c.note()
	return nil
}

// file reads one of the files that belong in a bundle.
func (c *checker) file(name string) ([]byte, error) {
	c.files = append(c.files, name)
	return c.zip.File(name)
}

// open reads the key, the checkpoint and the statement.
func (c *checker) open() error {
	own, err := c.file("proofs/key.pub")
	if err != nil {
		return err
	}
	if c.v.Key == "" {
		c.v.Key, c.v.OwnKey = strings.TrimSpace(string(own)), true
	}
	if c.signed, err = c.file("proofs/checkpoint"); err != nil {
		return err
	}
	if c.root, err = archive.ParseCheckpoint(c.signed, c.v.Key); err != nil {
		return fmt.Errorf("proofs/checkpoint is not signed with this key: %w", err)
	}
	if strings.TrimSpace(string(own)) != c.v.Key {
		return errors.New("proofs/key.pub is not the key with which you check")
	}
	statement, err := c.file("about/statement.json")
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(statement))
	d.DisallowUnknownFields()
	if err := d.Decode(c.v.Claim); err != nil {
		return fmt.Errorf("statement.json: %w", err)
	}
	// One way to write it: nothing can stand in it twice, or unseen.
	if again, err := json.MarshalIndent(c.v.Claim, "", "  "); err != nil || !bytes.Equal(append(again, '\n'), statement) {
		return errors.New("statement.json is not written as Veille writes it: something was put in, twice or in another order")
	}
	return nil
}

// entry checks that one entry is in the log.
func (c *checker) entry(e *archive.LogEntry) error {
	name := fmt.Sprintf("proofs/capture-%d.tlog-proof", e.Seq)
	if e.Version != nil {
		name = fmt.Sprintf("proofs/version-%d.tlog-proof", e.Version.ID)
	}
	text, err := c.file(name)
	if err != nil {
		return err
	}
	p, err := ParseProof(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if !bytes.Equal(p.Checkpoint, c.signed) {
		return fmt.Errorf("%s: it speaks of another checkpoint", name)
	}
	if !bytes.Equal(p.Format(), text) {
		return fmt.Errorf("%s: it holds more than a proof", name)
	}
	if _, err := p.Check(e.Hash(), c.v.Key); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if c.v.Entries > 0 {
		c.texts.WriteByte('\n')
	}
	c.texts.Write(e.Text)
	c.v.Entries++
	if e.Version != nil {
		if c.version != nil {
			return fmt.Errorf("it holds two readings, of versions %d and %d", c.version.ID, e.Version.ID)
		}
		c.version, c.reading = e.Version, e
		c.leaves[0] = p.Index
		return nil
	}
	if c.entries[e.Seq] != nil {
		return fmt.Errorf("capture %d is there twice", e.Seq)
	}
	if l := indexLine(e, 0); l != nil {
		l.File = dataName[len("archive/"):]
		line, err := l.Format()
		if err != nil {
			return err
		}
		c.index = append(c.index, string(line))
	}
	e.Body, e.Text, e.Header = nil, nil, nil
	c.entries[e.Seq], c.leaves[e.Seq] = e, p.Index
	return nil
}

// claim checks the statement against what was proven.
func (c *checker) claim() error {
	s := c.v.Claim
	switch {
	case s.Log != c.root.Origin || s.LogSize != c.root.Size:
		return fmt.Errorf("statement.json speaks of a log %s of %d entries, the checkpoint of %s with %d", s.Log, s.LogSize, c.root.Origin, c.root.Size)
	case s.Kind == KindAnswer && (c.version != nil || s.Version != 0 || s.Title != "" || s.Lang != "" || s.ReadAnew):
		return errors.New("statement.json is about an answer, and there is a reading")
	case s.Kind == KindAnswer:
	case s.Kind != KindWording && s.Kind != KindWithdrawn:
		return fmt.Errorf("statement.json is of the kind %q, which means nothing", s.Kind)
	case c.version == nil || c.version.ID != s.Version || c.version.URL != s.URL || c.version.Title != s.Title || c.version.Lang != s.Lang:
		return fmt.Errorf("statement.json speaks of version %d of %s, which was not proven", s.Version, s.URL)
	case c.version.Gone != (s.Kind == KindWithdrawn):
		return fmt.Errorf("statement.json says %q, the reading another thing", s.Kind)
	}
	if err := c.looks(); err != nil {
		return err
	}
	want := *s
	want.Looks = slices.Clone(s.Looks)
	if err := want.conclude(); err != nil {
		return fmt.Errorf("statement.json: %w", err)
	}
	want.Complete = c.entries.complete(want.Looks, !want.Seen.After.IsZero() || want.ReadAnew)
	got, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if fit, err := json.Marshal(&want); err != nil || !bytes.Equal(got, fit) {
		return fmt.Errorf("statement.json says: %s; from its looks follows: %s", summary(s), summary(&want))
	}
	return nil
}

// looks checks what the statement says of each look against its entry.
func (c *checker) looks() error {
	s := c.v.Claim
	if len(s.Looks) != len(c.entries) {
		return fmt.Errorf("statement.json lists %d looks, there are %d", len(s.Looks), len(c.entries))
	}
	refers := map[archive.Seq]bool{}
	known := false
	for _, e := range c.entries {
		if e.URL != s.URL {
			return fmt.Errorf("capture %d is of %s", e.Seq, e.URL)
		}
		known = known || e.Source == s.Source
		for _, seq := range []archive.Seq{e.Request, e.Notes} {
			if seq != 0 && c.entries[seq] == nil {
				return fmt.Errorf("capture %d repeats the request or facts of capture %d, which is not in the bundle", e.Seq, seq)
			}
			refers[seq] = true
		}
		if e.Refers == 0 {
			continue
		}
		o := c.entries[e.Refers]
		switch {
		case o == nil:
			return fmt.Errorf("capture %d repeats capture %d, which is not in the bundle", e.Seq, e.Refers)
		case o.Refers != 0, e.Status != 304 && e.Payload != o.Payload:
			return fmt.Errorf("capture %d is said to repeat capture %d, whose bytes are others", e.Seq, e.Refers)
		}
		refers[e.Refers] = true
	}
	if !known {
		return fmt.Errorf("statement.json speaks of the source %q, to which no look belongs", s.Source)
	}
	seen := map[archive.Seq]bool{}
	for _, l := range s.Looks {
		e := c.entries[l.Capture]
		if e == nil || seen[l.Capture] {
			return fmt.Errorf("statement.json lists look %d, which is not there, or twice", l.Capture)
		}
		seen[l.Capture] = true
		if !l.Time.Equal(e.Time) || l.Status != e.Status || l.Origin != e.Origin {
			return fmt.Errorf("statement.json says of look %d: %s, status %d, %q; the record: %s, status %d, %q",
				l.Capture, stamp(l.Time), l.Status, l.Origin, stamp(e.Time), e.Status, e.Origin)
		}
		if err := c.found(l, e, refers); err != nil {
			return fmt.Errorf("look %d: %w", l.Capture, err)
		}
	}
	if c.version != nil {
		e := c.entries[c.version.Capture]
		if e == nil || c.reading.OfRecord != e.RecordID {
			return fmt.Errorf("the reading is of capture %d, which is not there", c.version.Capture)
		}
		if !slices.ContainsFunc(s.Looks, func(l ClaimLook) bool { return l.Capture == e.Seq && l.Found == LookShows }) {
			return fmt.Errorf("the reading is of capture %d, which is not said to show it", e.Seq)
		}
	}
	return nil
}

// found checks what a look is said to have found, as far as its entry says it.
func (c *checker) found(l ClaimLook, e *archive.LogEntry, refers map[archive.Seq]bool) error {
	s := c.v.Claim
	answered := e.Err == "" && (e.Status == 200 || e.Status == 304 && e.Refers != 0)
	gone := e.Status == 404 || e.Status == 410
	same := c.version != nil && c.holder(e.Seq) == c.holder(c.version.Capture)
	switch {
	case l.Found == LookShows && s.Kind == KindWording && !answered:
		return fmt.Errorf("it is said to show the wording, and had the answer %d", e.Status)
	case l.Found == LookShows && s.Kind == KindWithdrawn && !gone:
		return fmt.Errorf("it is said to show that the page was gone, and had the answer %d", e.Status)
	case l.Found == LookShows && s.Kind == KindAnswer && e.Status != s.Status:
		return fmt.Errorf("it is said to have had the answer %d, and had %d", s.Status, e.Status)
	case l.Found == LookOther && s.Kind != KindAnswer && !answered && !gone:
		return fmt.Errorf("it is said to show something else, and had the answer %d", e.Status)
	case l.Found == LookOther && same && !s.ReadAnew:
		return errors.New("it is said to show something else, and has the same bytes")
	case l.Found == LookFailed && same && s.Kind == KindWording:
		return errors.New("it is said to show no page, and has the same bytes as the wording")
	case l.Found == LookBase && !refers[l.Capture]:
		return errors.New("nothing refers to it")
	}
	return nil
}

// holder is the capture that holds the bytes which one brought.
func (c *checker) holder(seq archive.Seq) archive.Seq {
	if e := c.entries[seq]; e != nil && e.Refers != 0 {
		return e.Refers
	}
	return seq
}

func summary(c *Claim) string {
	out := fmt.Sprintf("%d looks from %s to %s, status %d, %d failed, not there at %s", c.Checks, stamp(c.First), stamp(c.Last), c.Status, c.Failed, stamp(c.Seen.After))
	if c.Until != nil {
		out += ", replaced by " + stamp(c.Until.By)
	}
	if c.Complete {
		out += ", no look left out"
	}
	return out
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
