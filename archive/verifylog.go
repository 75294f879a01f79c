package archive

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// log checks log/, and computes the log's root again from its entries' hashes.
func (v *verifier) log(ctx context.Context) error {
	lost, whose, err := v.lost(ctx)
	if err != nil {
		return err
	}
	if len(lost) > 0 {
		v.rep.problem("the records of entries %s of the log are lost: %s; restore warc/ from a copy and run `veille rebuild`", ranges(lost), whose)
	}
	j := v.a.journal
	if public, err := os.ReadFile(j.file("key.pub")); err != nil || strings.TrimSpace(string(public)) != j.public {
		v.rep.problem("log/key.pub is missing, or not the key that signs: restore log/ from a copy")
	}
	if _, err := os.Stat(j.file("key")); err != nil {
		v.rep.problem("log/key is missing: restore log/ from a copy, or begin a new log with `veille rebuild --new-log`")
	}
	signed, err := os.ReadFile(j.file("checkpoint"))
	if err != nil {
		v.rep.problem("log/checkpoint cannot be read (%v): restore log/ from a copy, or begin a new log with `veille rebuild --new-log`", err)
		return nil
	}
	c, err := ParseCheckpoint(signed, j.public)
	if err != nil {
		v.rep.problem("log/checkpoint: %v: restore log/ from a copy", err)
		return nil
	}
	if c.Size > v.a.tree.size {
		v.rep.problem("log/checkpoint is of %d entries, the archive holds %d: the last ones were removed", c.Size, v.a.tree.size)
		return nil
	}
	root, err := v.rootAgain(ctx, c.Size)
	if err != nil {
		v.rep.problem("log: %v; run `veille rebuild`", err)
		return ctx.Err()
	}
	if root != c.Root {
		v.rep.problem("log: the first %d entries have the root %s, the signed checkpoint says %s: entries were altered, removed or put in", c.Size, root, c.Root)
	}
	return nil
}

// lost are the entries that are known as lost, and whose they were.
func (v *verifier) lost(ctx context.Context) (entries []int64, whose string, err error) {
	rows, err := v.a.read.QueryContext(ctx, `SELECT id, kind, seq FROM leaf WHERE kind NOT IN ($1, $2) ORDER BY id`, leafCapture, leafVersion)
	byKind := map[int][]int64{}
	entries, err = collect(rows, err, func(row scanner) (n int64, err error) {
		var kind int
		var seq int64
		err = row.Scan(&n, &kind, &seq)
		byKind[kind] = append(byKind[kind], seq)
		return n, err
	})
	var parts []string
	if n := byKind[lostCapture]; len(n) > 0 {
		parts = append(parts, "captures "+ranges(n))
	}
	if n := byKind[lostVersion]; len(n) > 0 {
		parts = append(parts, "versions "+ranges(n))
	}
	if len(byKind[leafLost]) > 0 {
		parts = append(parts, "some of which nothing is known")
	}
	return entries, strings.Join(parts, " and "), err
}

// rootAgain computes the root of the first n entries from nothing but their
// own hashes, and holds these against what their records give and against what
// is noted in log/leaves.
func (v *verifier) rootAgain(ctx context.Context, n int64) (tlog.Hash, error) {
	var s stack
	other, noted := &few{what: "entries"}, &few{what: "leaves"}
	j := v.a.journal
	for from := int64(0); from < n; from += 4096 {
		upto := min(n, from+4096)
		have, err := leafHashes(ctx, v.a.read, from, upto)
		if err != nil {
			return tlog.Hash{}, err
		}
		again, err := leafHashes(ctx, v.shadow.read, from, min(upto, v.shadow.tree.size))
		if err != nil {
			return tlog.Hash{}, err
		}
		saved, err := j.saved(from, upto)
		if err != nil {
			return tlog.Hash{}, err
		}
		for i, h := range have {
			s.add(h.hash)
			if i < len(again) && !again[i].lost() && again[i].hash != h.hash {
				other.add(v.rep, "catalogue.db: entry %d of the log is not what the records of %s give: they were altered, or the catalogue was", from+int64(i), again[i])
			}
			if i >= len(saved) || saved[i].hash != h.hash {
				noted.add(v.rep, "log/leaves, offset %d: entry %d is not what the log says; `veille rebuild` writes it again", (from+int64(i))*leafBytes, from+int64(i))
			}
		}
	}
	other.end(v.rep)
	noted.end(v.rep)
	return s.root(), nil
}

// String names whose entry a leaf is.
func (l leaf) String() string {
	switch l.kind {
	case leafCapture:
		return fmt.Sprintf("capture %d", l.seq)
	case leafVersion:
		return fmt.Sprintf("version %d", l.seq)
	}
	return "nobody"
}

// leafHashes reads the entries from one number up to another.
func leafHashes(ctx context.Context, db querier, from, upto int64) ([]leaf, error) {
	var out []leaf
	rows, err := db.QueryContext(ctx, `SELECT id, kind, seq FROM leaf WHERE id >= $1 AND id < $2 ORDER BY id`, from, upto)
	var ids []any
	out, err = collect(rows, err, func(row scanner) (l leaf, err error) {
		var id int64
		err = row.Scan(&id, &l.kind, &l.seq)
		ids = append(ids, tlog.StoredHashIndex(0, id))
		return l, err
	})
	if err != nil {
		return nil, err
	}
	if int64(len(out)) < upto-from {
		return nil, fmt.Errorf("of the entries %d to %d only %d are listed", from, upto-1, len(out))
	}
	const most = 500 // parameters a statement
	for i := 0; i < len(out); i += most {
		part := ids[i:min(len(ids), i+most)]
		rows, err := db.QueryContext(ctx, `SELECT hash FROM hash WHERE id IN (`+placeholders(1, len(part))+`) ORDER BY id`, part...)
		hashes, err := collect(rows, err, func(row scanner) (b []byte, err error) {
			err = row.Scan(&b)
			return b, err
		})
		if err != nil {
			return nil, err
		}
		if len(hashes) < len(part) {
			return nil, fmt.Errorf("of the hashes of the entries %d to %d only %d are there", from+int64(i), from+int64(i+len(part))-1, len(hashes))
		}
		for k, h := range hashes {
			copy(out[i+k].hash[:], h)
		}
	}
	return out, nil
}

// few lists the first problems of a kind, and counts the others.
type few struct {
	what string
	n    int
}

const mostOfAKind = 20

func (f *few) add(rep *Report, format string, args ...any) {
	if f.n++; f.n <= mostOfAKind {
		rep.problem(format, args...)
	}
}

func (f *few) end(rep *Report) {
	if f.n > mostOfAKind {
		rep.problem("and so for %d more %s", f.n-mostOfAKind, f.what)
	}
}
