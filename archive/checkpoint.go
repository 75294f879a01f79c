package archive

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// What lies in log/, beside the catalogue.
//
//	key          the private key that signs checkpoints (0600), made at first start
//	key.pub      its public key, to be published and given to whoever checks proofs
//	checkpoint   the latest signed checkpoint (C2SP tlog-checkpoint)
//	leaves       for each entry in order 40 bytes: its hash, then its kind in the
//	             first byte and its number in the other seven of a big-endian uint64
//
// checkpoint and leaves are written after what they speak of is durable, and
// never ahead of it. The leaves can be made again from WARC files that are
// whole; where records are lost, they let the log go on as it was signed, with
// the lost entries known as such. At each start the tree is held against the
// checkpoint; if it is not the tree that was signed, nothing more is written
// ([ErrLogBroken]) until somebody decides what to do.

// ErrLogBroken is wrapped by errors of whatever writes to an archive whose
// content is not what its last checkpoint says.
var ErrLogBroken = errors.New("the archive is not what its log's last checkpoint says: records were altered, removed or put in; " +
	"see `veille verify`, restore warc/ and log/ from a copy, or begin a new log with `veille rebuild --new-log`")

const leafBytes = tlog.HashSize + 8

// A journal is what lies in log/.
type journal struct {
	dir    string
	signer note.Signer
	public string // the verifier key
	leaves *os.File
	signed int64 // size of the tree that was last signed
	latest []byte
	broken error // not nil if the tree is not what was signed
}

// openJournal opens log/ in a data directory, and makes a key if there is none.
func openJournal(dir string) (*journal, error) {
	j := &journal{dir: filepath.Join(dir, "log")}
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return nil, fmt.Errorf("create log directory: %w", err)
	}
	key, err := os.ReadFile(j.file("key"))
	if errors.Is(err, fs.ErrNotExist) {
		key, err = j.newKey()
	}
	if err != nil {
		return nil, fmt.Errorf("key of the log: %w", err)
	}
	if j.signer, err = note.NewSigner(strings.TrimSpace(string(key))); err != nil {
		return nil, fmt.Errorf("%s: %w; restore it from a copy", j.file("key"), err)
	}
	public, err := os.ReadFile(j.file("key.pub"))
	if err != nil {
		return nil, fmt.Errorf("public key of the log: %w; restore it from a copy", err)
	}
	j.public = strings.TrimSpace(string(public))
	if v, err := note.NewVerifier(j.public); err != nil || v.KeyHash() != j.signer.KeyHash() {
		return nil, fmt.Errorf("%s does not belong to %s; restore both from a copy", j.file("key.pub"), j.file("key"))
	}
	if j.leaves, err = os.OpenFile(j.file("leaves"), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	return j, nil
}

func (j *journal) file(name string) string { return filepath.Join(j.dir, name) }

// newKey makes the key pair. The log's name is random: it must be unlike that
// of any other log, and an archive has no address of its own.
func (j *journal) newKey() ([]byte, error) {
	if _, err := os.Stat(j.file("checkpoint")); err == nil {
		return nil, fmt.Errorf("%s is missing, and there is a checkpoint that it signed; restore it from a copy", j.file("key"))
	}
	var b [8]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	private, public, err := note.GenerateKey(rand.Reader, "veille/"+hex.EncodeToString(b[:]))
	if err != nil {
		return nil, err
	}
	err = errors.Join(os.WriteFile(j.file("key.pub"), []byte(public+"\n"), 0o644),
		os.WriteFile(j.file("key"), []byte(private+"\n"), 0o600))
	return []byte(private), err
}

// saved returns the leaves that were noted from entry n on.
func (j *journal) saved(n int64) ([]leaf, error) {
	info, err := j.leaves.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() <= n*leafBytes {
		return nil, nil
	}
	b := make([]byte, info.Size()/leafBytes*leafBytes-n*leafBytes)
	if _, err := j.leaves.ReadAt(b, n*leafBytes); err != nil {
		return nil, fmt.Errorf("read %s: %w", j.leaves.Name(), err)
	}
	var out []leaf
	for ; len(b) > 0; b = b[leafBytes:] {
		w := binary.BigEndian.Uint64(b[tlog.HashSize:])
		out = append(out, leaf{tlog.Hash(b[:tlog.HashSize]), int(w >> 56), Seq(w & (1<<56 - 1))})
	}
	return out, nil
}

// hash returns the hash that was noted for an entry, nil if none was.
func (j *journal) hash(n int64) (*tlog.Hash, error) {
	var h tlog.Hash
	if _, err := j.leaves.ReadAt(h[:], n*leafBytes); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read %s: %w", j.leaves.Name(), err)
	}
	return &h, nil
}

// note writes leaves from entry n on.
func (j *journal) note(n int64, leaves []leaf) error {
	var b []byte
	for _, l := range leaves {
		b = append(b, l.hash[:]...)
		b = binary.BigEndian.AppendUint64(b, uint64(l.kind)<<56|uint64(l.seq))
	}
	if _, err := j.leaves.WriteAt(b, n*leafBytes); err != nil {
		return fmt.Errorf("write %s: %w", j.leaves.Name(), err)
	}
	return nil
}

// sign writes a checkpoint of the tree.
func (j *journal) sign(size int64, root tlog.Hash) error {
	text := fmt.Sprintf("%s\n%d\n%s\n", j.signer.Name(), size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, j.signer)
	if err != nil {
		return fmt.Errorf("sign checkpoint: %w", err)
	}
	fresh := j.file("checkpoint.new")
	if err := os.WriteFile(fresh, signed, 0o644); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := os.Rename(fresh, j.file("checkpoint")); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	j.signed, j.latest = size, signed
	return nil
}

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
	signed, err := os.ReadFile(j.file("checkpoint"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("log: %w", err)
	}
	if err == nil {
		err := a.addLostTail(ctx, signed)
		if err == nil {
			err = a.checkSigned(ctx, signed)
		}
		if err != nil {
			j.broken = fmt.Errorf("%w: %w", ErrLogBroken, err)
			j.latest = signed
			a.log.Error("log broken", "err", err)
			return nil
		}
	}
	info, err := j.leaves.Stat()
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	if have := info.Size() / leafBytes; have != a.tree.size {
		if err := a.noteAgain(ctx, min(have, a.tree.size)); err != nil {
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
func (a *Archive) addLostTail(ctx context.Context, signed []byte) error {
	c, err := ParseCheckpoint(signed, a.journal.public)
	if err != nil || c.Size <= a.tree.size {
		return err
	}
	tx, err := a.write.BeginTx(ctx, nil)
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

// checkSigned reports what is wrong with the tree by a checkpoint.
func (a *Archive) checkSigned(ctx context.Context, signed []byte) error {
	c, err := ParseCheckpoint(signed, a.journal.public)
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
	a.journal.signed, a.journal.latest = c.Size, signed
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
		rows, err := a.read.QueryContext(ctx, `SELECT id, kind, seq FROM leaf WHERE id >= $1 ORDER BY id LIMIT 10000`, n)
		var ids []int64
		leaves, err := collect(rows, err, func(row scanner) (l leaf, err error) {
			var id int64
			err = row.Scan(&id, &l.kind, &l.seq)
			ids = append(ids, tlog.StoredHashIndex(0, id))
			return l, err
		})
		if err != nil {
			return err
		}
		hashes, err := hashReader(ctx, a.read).ReadHashes(ids)
		if err != nil {
			return err
		}
		for i := range leaves {
			leaves[i].hash = hashes[i]
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
	if err := errors.Join(a.journal.note(a.tree.size-int64(len(fresh)), fresh), a.signTree(ctx)); err != nil {
		a.log.Error("checkpoint was not written; the next start makes it good", "err", err)
	}
}
