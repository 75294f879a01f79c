package archive

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint is what a signed checkpoint says.
type Checkpoint struct {
	Origin string // the log's name
	Size   int64  // how many entries it has
	Root   tlog.Hash
}

// ParseCheckpoint reads a checkpoint (C2SP tlog-checkpoint) and checks that the
// holder of the public key signed it.
func ParseCheckpoint(signed []byte, public string) (*Checkpoint, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, fmt.Errorf("public key of the log: %w", err)
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || lines[0] != v.Name() {
		return nil, errors.New("checkpoint: it is not of this log")
	}
	c := &Checkpoint{Origin: lines[0]}
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return nil, fmt.Errorf("checkpoint: %.30q is no size", lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return nil, errors.New("checkpoint: the root is no SHA-256 hash")
	}
	c.Root = tlog.Hash(root)
	return c, nil
}

// Checkpoint returns the latest signed checkpoint of the tamper-evident log.
func (a *Archive) Checkpoint() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return bytes.Clone(a.journal.latest)
}

// LogKey is the log's public key, in the form of C2SP signed-note.
func (a *Archive) LogKey() string { return a.journal.public }

// checkLog holds the tree against the last checkpoint, fills in what a killed
// process did not note, and signs what is new.
func (a *Archive) checkLog(ctx context.Context) error {
	j := a.journal
	if j.broken == nil && j.latest != nil {
		if err := errors.Join(a.addLostTail(ctx), a.checkSigned(ctx)); err != nil {
			j.breaks(err)
		}
	}
	if j.broken != nil {
		a.log.Error("log broken: nothing more is written", "err", j.broken)
		return nil
	}
	info, err := j.leaves.Stat()
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	j.noted = min(info.Size()/leafBytes, a.tree.size)
	if a.rebuilt && j.proven < j.noted { // they are redundant, and damaged
		j.noted = j.proven
	}
	if info.Size() != a.tree.size*leafBytes || j.noted != a.tree.size {
		if err := a.noteAgain(ctx, j.noted); err != nil {
			return err
		}
	}
	if j.signed == a.tree.size && j.latest != nil {
		return nil
	}
	return a.signTree(ctx)
}

// addLostTail appends the entries that were signed and whose records, the last
// of the archive, are lost.
func (a *Archive) addLostTail(ctx context.Context) error {
	c, err := ParseCheckpoint(a.journal.latest, a.journal.public)
	if err != nil || c.Size <= a.tree.size {
		return err
	}
	tx, err := a.begin(ctx)
	if err != nil {
		return err
	}
	size := a.tree.size
	if err = a.addLost(ctx, tx, c.Size); err == nil {
		err = tx.Commit()
	}
	if err != nil {
		tx.Rollback()
		a.tree.size = size
	}
	return err
}

// checkSigned reports what is wrong with the tree by the last checkpoint.
func (a *Archive) checkSigned(ctx context.Context) error {
	c, err := ParseCheckpoint(a.journal.latest, a.journal.public)
	if err != nil {
		return err
	}
	if c.Size > a.tree.size {
		return fmt.Errorf("the checkpoint is of %d entries, the archive holds %d", c.Size, a.tree.size)
	}
	root, err := treeHash(ctx, a.read, c.Size)
	if err != nil {
		return err
	}
	if root != c.Root {
		return fmt.Errorf("the first %d entries have the root %s, the checkpoint says %s", c.Size, root, c.Root)
	}
	return nil
}

func treeHash(ctx context.Context, db querier, size int64) (tlog.Hash, error) {
	if size == 0 {
		return emptyTree, nil
	}
	h, err := tlog.TreeHash(size, hashReader(ctx, db))
	if err != nil {
		return h, fmt.Errorf("root of the log: %w", err)
	}
	return h, nil
}

// emptyTree is the root of a tree without entries: SHA-256 of nothing (RFC 6962 §2.1).
var emptyTree = tlog.Hash{0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
	0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55}

// noteAgain writes the leaves of the catalogue from entry n on.
func (a *Archive) noteAgain(ctx context.Context, n int64) error {
	for n < a.tree.size {
		leaves, err := leafHashes(ctx, a.read, n, min(n+4096, a.tree.size))
		if err != nil {
			return err
		}
		if err := a.journal.note(n, leaves); err != nil {
			return err
		}
		n += int64(len(leaves))
	}
	return a.journal.leaves.Truncate(a.tree.size * leafBytes)
}

// signTree signs the tree as the catalogue has it.
func (a *Archive) signTree(ctx context.Context) error {
	root, err := treeHash(ctx, a.read, a.tree.size)
	if err != nil {
		return err
	}
	return a.journal.sign(a.tree.size, root)
}

// logged notes and signs what a committed transaction added. What fails here
// is made good at the next start: the catalogue and the WARC files have it.
func (a *Archive) logged(ctx context.Context) {
	fresh := a.tree.fresh
	a.tree.fresh = nil
	if len(fresh) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	j, from := a.journal, a.tree.size-int64(len(fresh))
	var err error
	if j.noted == from {
		err = j.note(from, fresh)
	} else { // an earlier batch could not be noted
		err = a.noteAgain(ctx, min(j.noted, from))
	}
	if err = errors.Join(err, a.signTree(ctx)); err != nil {
		a.log.Error("log/ could not be written; the next capture or the next start makes it good", "err", err)
	}
}
