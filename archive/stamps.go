package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// What lies in log/stamps, beside the checkpoint, if a time-stamp authority
// (RFC 3161) is asked. Each stamp is three files with one name, the log's size
// and the time of asking:
//
//	000000001234-20260303T080000Z.checkpoint   the signed checkpoint that was stamped
//	000000001234-20260303T080000Z.tsq          the request that was sent, DER
//	000000001234-20260303T080000Z.tsr          the authority's answer, DER
//
// The answer is written last, each by renaming; a name without one is a stamp
// that was not finished, and is none. Nothing refers to these files and nothing
// is lost with them but the authority's word; they are never changed.

// A Stamp is a checkpoint with the word of a time-stamp authority that it
// existed at a time. The archive keeps stamps and does not read them.
type Stamp struct {
	Size       int64     // of the log that the checkpoint speaks of
	Asked      time.Time // when the authority was asked, to the second
	Checkpoint []byte    // signed
	Request    []byte    // TimeStampReq
	Response   []byte    // TimeStampResp
}

const stampTime = "20060102T150405Z"

func (a *Archive) stampDir() string { return filepath.Join(a.dir, "log", "stamps") }

// KeepStamp keeps a stamp of a checkpoint of this log.
func (a *Archive) KeepStamp(s *Stamp) error {
	c, err := ParseCheckpoint(s.Checkpoint, a.LogKey())
	if err != nil {
		return fmt.Errorf("keep time-stamp: %w", err)
	}
	if len(s.Request) == 0 || len(s.Response) == 0 {
		return errors.New("keep time-stamp: the request or the answer is missing")
	}
	if err := os.MkdirAll(a.stampDir(), 0o755); err != nil {
		return fmt.Errorf("keep time-stamp: %w", err)
	}
	name := filepath.Join(a.stampDir(), fmt.Sprintf("%012d-%s", c.Size, s.Asked.UTC().Format(stampTime)))
	for _, part := range []struct {
		ext  string
		data []byte
	}{{".checkpoint", s.Checkpoint}, {".tsq", s.Request}, {".tsr", s.Response}} {
		if err := os.WriteFile(name+".new", part.data, 0o644); err != nil {
			return fmt.Errorf("keep time-stamp: %w", err)
		}
		if err := os.Rename(name+".new", name+part.ext); err != nil {
			return fmt.Errorf("keep time-stamp: %w", err)
		}
	}
	return nil
}

// Stamps lists the stamps of this log that were finished, by size and then
// time, without their content, which [Archive.ReadStamp] fills in.
func (a *Archive) Stamps() ([]Stamp, error) {
	files, err := os.ReadDir(a.stampDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("time-stamps: %w", err)
	}
	var out []Stamp
	for _, f := range files { // in the order of their names
		var s Stamp
		var asked string
		base, ok := strings.CutSuffix(f.Name(), ".tsr")
		if _, err := fmt.Sscanf(base, "%d-%s", &s.Size, &asked); !ok || err != nil {
			continue
		}
		if s.Asked, err = time.Parse(stampTime, asked); err == nil {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b Stamp) int { return int(a.Size - b.Size) })
	return out, nil
}

// ReadStamp fills in the content of a stamp that [Archive.Stamps] listed.
func (a *Archive) ReadStamp(s *Stamp) error {
	name := filepath.Join(a.stampDir(), fmt.Sprintf("%012d-%s", s.Size, s.Asked.UTC().Format(stampTime)))
	for _, part := range []struct {
		ext string
		to  *[]byte
	}{{".checkpoint", &s.Checkpoint}, {".tsq", &s.Request}, {".tsr", &s.Response}} {
		b, err := os.ReadFile(name + part.ext)
		if err != nil {
			return fmt.Errorf("time-stamp: %w", err)
		}
		*part.to = b
	}
	c, err := ParseCheckpoint(s.Checkpoint, a.LogKey())
	if err != nil {
		return fmt.Errorf("time-stamp %s: %w", filepath.Base(name), err)
	}
	if c.Size != s.Size {
		return fmt.Errorf("time-stamp %s: its checkpoint is of %d entries", filepath.Base(name), c.Size)
	}
	return nil
}

// Consistency returns the hashes that prove the log of one size to be the
// beginning of the log of another (RFC 6962 §2.1.2). The error for sizes that
// it did not have wraps [ErrNotInLog].
func (a *Archive) Consistency(ctx context.Context, old, size int64) (tlog.TreeProof, error) {
	have, err := a.LogSize(ctx)
	if err != nil {
		return nil, err
	}
	if old < 1 || old > size || size > have {
		return nil, fmt.Errorf("consistency of %d with %d entries of a log that has %d: %w", old, size, have, ErrNotInLog)
	}
	p, err := tlog.ProveTree(size, old, hashReader(ctx, a.read))
	if err != nil {
		return nil, fmt.Errorf("consistency of %d with %d entries: %w", old, size, err)
	}
	return p, nil
}
