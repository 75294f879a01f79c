package archive

import (
	"crypto/ed25519"
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
// checkpoint. If it is not the tree that was signed, or if log/ itself is lost
// while there are WARC files, nothing more is written ([ErrLogBroken]) until
// somebody decides what to do; everything can still be read.

// ErrLogBroken is wrapped by errors of whatever writes to an archive whose
// content is not what its last checkpoint says.
var ErrLogBroken = errors.New("the archive is not what its log's last checkpoint says: records were altered, removed or put in, or log/ was; " +
	"see `veille verify`, restore warc/ and log/ from a copy, or begin a new log with `veille rebuild --new-log`")

const leafBytes = tlog.HashSize + 8

// A journal is what lies in log/.
type journal struct {
	dir    string
	signer note.Signer // nil if the key is lost
	public string      // the verifier key, "" if the key is lost
	leaves *os.File
	noted  int64 // how many entries leaves has
	signed int64 // size of the tree that was last signed
	latest []byte
	broken error // not nil if the tree is not what was signed

	// proven is how many of the leaves, from the first on, are what the
	// checkpoint signed: what they say of a record decides. 0 if they are not.
	proven int64
}

// openJournal opens log/ in a data directory. A key is made if the archive is
// fresh and has none; a lost one is no error but breaks the log.
func openJournal(dir string, fresh bool) (*journal, error) {
	j := &journal{dir: filepath.Join(dir, "log")}
	if err := os.MkdirAll(j.dir, 0o755); err != nil {
		return nil, fmt.Errorf("create log directory: %w", err)
	}
	var err error
	if j.leaves, err = os.OpenFile(j.file("leaves"), os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	key, err := os.ReadFile(j.file("key"))
	if errors.Is(err, fs.ErrNotExist) && fresh {
		key, err = j.newKey()
	}
	if err == nil {
		err = j.useKey(strings.TrimSpace(string(key)))
	}
	if err != nil {
		j.breaks(err)
		return j, nil
	}
	if j.latest, err = os.ReadFile(j.file("checkpoint")); err != nil {
		if !errors.Is(err, fs.ErrNotExist) || !fresh {
			j.breaks(fmt.Errorf("the last checkpoint: %w", err))
		}
		return j, nil
	}
	return j, j.prove()
}

func (j *journal) file(name string) string { return filepath.Join(j.dir, name) }

// breaks marks the log as broken.
func (j *journal) breaks(why error) {
	if j.broken == nil {
		j.broken = fmt.Errorf("%w: %w", ErrLogBroken, why)
	}
}

// newKey makes the key pair. The log's name is random: it must be unlike that
// of any other log, and an archive has no address of its own.
func (j *journal) newKey() ([]byte, error) {
	if _, err := os.Stat(j.file("checkpoint")); err == nil {
		return nil, fmt.Errorf("%s is missing, and there is a checkpoint that it signed", j.file("key"))
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

// useKey takes the private key, and holds the public one against it.
func (j *journal) useKey(private string) error {
	signer, err := note.NewSigner(private)
	if err != nil {
		return fmt.Errorf("%s is damaged: %w", j.file("key"), err)
	}
	public, err := verifierKey(signer, private)
	if err != nil {
		return fmt.Errorf("%s: %w", j.file("key"), err)
	}
	have, err := os.ReadFile(j.file("key.pub"))
	switch {
	case errors.Is(err, fs.ErrNotExist): // it follows from the private one
		err = os.WriteFile(j.file("key.pub"), []byte(public+"\n"), 0o644)
	case err == nil && strings.TrimSpace(string(have)) != public:
		err = fmt.Errorf("%s does not belong to %s", j.file("key.pub"), j.file("key"))
	}
	if err != nil {
		return err
	}
	j.signer, j.public = signer, public
	return nil
}

// verifierKey makes the public key of a private one (C2SP signed-note): the
// last part of a private key is its kind, 1 for Ed25519, and its seed.
func verifierKey(signer note.Signer, private string) (string, error) {
	parts := strings.SplitN(private, "+", 5) // PRIVATE+KEY+name+hash+data; only data may hold a "+"
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return "", errors.New("it is no Ed25519 key")
	}
	return note.NewEd25519VerifierKey(signer.Name(), ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey))
}

// prove finds out whether the leaves are what the checkpoint signed.
func (j *journal) prove() error {
	c, err := ParseCheckpoint(j.latest, j.public)
	if err != nil {
		j.breaks(fmt.Errorf("log/checkpoint is damaged or of another log: %w", err))
		return nil
	}
	j.signed = c.Size
	info, err := j.leaves.Stat()
	if err != nil {
		return fmt.Errorf("log: %w", err)
	}
	j.noted = info.Size() / leafBytes
	if j.noted < c.Size {
		return nil
	}
	root, err := j.root(c.Size)
	if err == nil && root == c.Root {
		j.proven = c.Size
	}
	return err
}

// root computes the root of the first n leaves.
func (j *journal) root(n int64) (tlog.Hash, error) {
	var s stack
	for from := int64(0); from < n; {
		leaves, err := j.saved(from, min(n, from+4096))
		if err != nil {
			return tlog.Hash{}, err
		}
		for _, l := range leaves {
			s.add(l.hash)
		}
		from += int64(len(leaves))
	}
	return s.root(), nil
}

// saved returns the leaves that were noted from entry n on, up to entry upto.
func (j *journal) saved(n, upto int64) ([]leaf, error) {
	info, err := j.leaves.Stat()
	if err != nil {
		return nil, err
	}
	upto = min(upto, info.Size()/leafBytes)
	if upto <= n {
		return nil, nil
	}
	b := make([]byte, (upto-n)*leafBytes)
	if _, err := j.leaves.ReadAt(b, n*leafBytes); err != nil {
		return nil, fmt.Errorf("read %s: %w", j.leaves.Name(), err)
	}
	return parseLeaves(b), nil
}

// parseLeaves reads leaves as they lie in the file; what is less than one is
// left.
func parseLeaves(b []byte) []leaf {
	out := make([]leaf, 0, len(b)/leafBytes)
	for ; len(b) >= leafBytes; b = b[leafBytes:] {
		w := binary.BigEndian.Uint64(b[tlog.HashSize:])
		out = append(out, leaf{tlog.Hash(b[:tlog.HashSize]), int(w >> 56), Seq(w & (1<<56 - 1))})
	}
	return out
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
	j.noted = min(j.noted, n)
	if _, err := j.leaves.WriteAt(b, n*leafBytes); err != nil {
		return fmt.Errorf("write %s: %w", j.leaves.Name(), err)
	}
	j.noted = n + int64(len(leaves))
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
	if err := writeSynced(fresh, signed); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := os.Rename(fresh, j.file("checkpoint")); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	j.signed, j.latest = size, signed
	return nil
}

// writeSynced writes a file and waits until its bytes are on disk, so that a
// rename after it never leaves an empty one.
func writeSynced(name string, b []byte) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = fdatasync(f)
	}
	return errors.Join(err, f.Close())
}

// A stack computes the root of a tree from its entries' hashes, given in order
// (RFC 6962 §2.1): it holds the roots of perfect trees, larger ones first.
type stack struct {
	n     int64
	roots []tlog.Hash
}

func (s *stack) add(h tlog.Hash) {
	s.roots = append(s.roots, h)
	for k := s.n; k&1 == 1; k >>= 1 {
		top := len(s.roots) - 1
		s.roots = append(s.roots[:top-1], tlog.NodeHash(s.roots[top-1], s.roots[top]))
	}
	s.n++
}

func (s *stack) root() tlog.Hash {
	if len(s.roots) == 0 {
		return emptyTree
	}
	root := s.roots[len(s.roots)-1]
	for i := len(s.roots) - 2; i >= 0; i-- {
		root = tlog.NodeHash(s.roots[i], root)
	}
	return root
}
