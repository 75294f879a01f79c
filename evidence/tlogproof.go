package evidence

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive"
)

// ErrNotProven is wrapped by errors about proofs and bundles that do not prove
// what they say.
var ErrNotProven = errors.New("not proven")

const proofHeader = "c2sp.org/tlog-proof@v1"

// A Proof shows that an entry is in a log (C2SP tlog-proof v1).
type Proof struct {
	Index      int64
	Hashes     tlog.RecordProof
	Checkpoint []byte // signed
}

// Format writes a proof as a .tlog-proof file.
func (p *Proof) Format() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHeader, p.Index)
	for _, h := range p.Hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(p.Checkpoint)
	return b.Bytes()
}

// ParseProof reads a .tlog-proof file.
func ParseProof(text []byte) (*Proof, error) {
	head, checkpoint, ok := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || len(lines) < 2 || lines[0] != proofHeader {
		return nil, fmt.Errorf("%w: not a proof of the form %s", ErrNotProven, proofHeader)
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%w: the proof has no index", ErrNotProven)
	}
	p := &Proof{Checkpoint: checkpoint}
	number, ok := strings.CutPrefix(lines[0], "index ")
	n, err := strconv.ParseInt(number, 10, 64)
	if !ok || err != nil || n < 0 || strconv.FormatInt(n, 10) != number {
		return nil, fmt.Errorf("%w: %.40q is no index", ErrNotProven, lines[0])
	}
	p.Index = n
	if len(lines) > 64 {
		return nil, fmt.Errorf("%w: a proof of %d hashes", ErrNotProven, len(lines)-1)
	}
	for _, l := range lines[1:] {
		h, err := base64.StdEncoding.DecodeString(l)
		if err != nil || len(h) != tlog.HashSize {
			return nil, fmt.Errorf("%w: %.60q is no hash", ErrNotProven, l)
		}
		p.Hashes = append(p.Hashes, tlog.Hash(h))
	}
	return p, nil
}

// Check verifies that the holder of the public key signed the checkpoint, and
// that the entry is in the log that it speaks of.
func (p *Proof) Check(entry tlog.Hash, key string) (*archive.Checkpoint, error) {
	c, err := archive.ParseCheckpoint(p.Checkpoint, key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotProven, err)
	}
	if p.Index >= c.Size {
		return nil, fmt.Errorf("%w: entry %d of a log of %d", ErrNotProven, p.Index, c.Size)
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, entry); err != nil {
		return nil, fmt.Errorf("%w: entry %d: %w", ErrNotProven, p.Index, err)
	}
	return c, nil
}

// formatHashes writes hashes one a line, and parseHashes reads them.
func formatHashes(hashes []tlog.Hash) []byte {
	var b bytes.Buffer
	for _, h := range hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	return b.Bytes()
}

func parseHashes(text []byte) (hashes []tlog.Hash, err error) {
	for l := range strings.Lines(string(text)) {
		h, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(l, "\n"))
		if err != nil || len(h) != tlog.HashSize || len(hashes) > 128 {
			return nil, fmt.Errorf("%w: %.60q is no hash", ErrNotProven, l)
		}
		hashes = append(hashes, tlog.Hash(h))
	}
	return hashes, nil
}
