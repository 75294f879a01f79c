package evidence

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"veille/archive"
	"veille/archive/cdxj"
	"veille/archive/wacz"
	"veille/archive/warc"
)

// An Exporter writes what an archive holds for other programs. Fields are set
// before the first use; methods may then be called concurrently.
type Exporter struct {
	Archive  *archive.Archive
	Software string // "Veille 1.2"
	// BaseURL is the public address of the site, without a slash at its end, for
	// permanent links; "" gives links without host.
	BaseURL string
	Now     func() time.Time // nil: time.Now
	// Progress is told how many captures, or bytes, of how many are done; total
	// is 0 where it is not known. It may be nil.
	Progress func(done, total int64)
}

// Exported says what a package holds.
type Exported struct {
	Pages     int       `json:"pages"`
	Captures  int       `json:"captures"`
	Unchanged int       `json:"unchanged"` // of the captures
	Extra     int       `json:"extra"`     // further captures, whose content others repeat
	Versions  int       `json:"versions"`
	First     time.Time `json:"first_capture"`
	Last      time.Time `json:"last_capture"`
	Gaps      int       `json:"gaps"`
	Damaged   []string  `json:"damaged"` // captures that were left out, each with the reason; never nil
}

// WACZ writes the captures of a set as a package for other tools, in memory
// bounded by the largest capture and the longest list of captures of a page.
// Where a capture repeats the content of one outside the set, that one is added.
// A set without captures gives an error that wraps [ErrEmpty], and one that
// names what is not there [fs.ErrNotExist]; nothing may have been written then
// that is of use.
func (e *Exporter) WACZ(ctx context.Context, w io.Writer, s *Set) (*Exported, error) {
	x, err := e.pack(ctx, w, s)
	if err != nil {
		return nil, err
	}
	return x.rep, nil
}

// pack writes a package, and returns what is known of it.
func (e *Exporter) pack(ctx context.Context, w io.Writer, s *Set) (*packer, error) {
	x := &packer{Exporter: e, set: s, rep: &Exported{Damaged: []string{}}, cover: newCoverage(), created: e.now()}
	if s.All || s.Source != "" {
		var err error
		if x.total, err = e.Archive.CountCaptures(ctx, s.Source); err != nil {
			return nil, fmt.Errorf("export: %w", err)
		}
	}
	for c, err := range s.choices(ctx, e.Archive) {
		if err == nil {
			err = x.page(ctx, w, c)
		}
		if err != nil {
			x.abort()
			return nil, fmt.Errorf("export: %w", err)
		}
	}
	if x.out == nil {
		return nil, fmt.Errorf("%w: no capture is of %s", ErrEmpty, s.Asked)
	}
	defer x.abort()
	if err := errors.Join(x.out.File("about/README.md", x.readme()), x.out.File("about/coverage.csv", x.cover.text())); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return x, x.out.Close()
}

func (e *Exporter) now() time.Time {
	if e.Now != nil {
		return e.Now().UTC()
	}
	return time.Now().UTC()
}

// A packer writes one package.
type packer struct {
	*Exporter
	set     *Set
	out     *wacz.Writer // nil before the first capture
	rep     *Exported
	cover   *coverage
	created time.Time
	total   int64 // captures, where it is known
}

func (x *packer) abort() {
	if x.out != nil {
		x.out.Abort()
	}
}

// begin begins the package, with the record that says what it is.
func (x *packer) begin(w io.Writer) error {
	if x.out != nil {
		return nil
	}
	var err error
	x.out, err = wacz.NewWriter(w, wacz.Meta{Title: x.set.Title, Description: "Captures of " + x.set.Asked + ". See about/README.md.",
		Software: x.Software, Created: x.created})
	if err != nil {
		return err
	}
	info := warc.New(warc.TypeInfo, x.created, "application/warc-fields", fmt.Appendf(nil,
		"software: %s\r\nformat: WARC File Format 1.1\r\ndescription: captures of %s\r\n", x.Software, oneLine(x.set.Asked)))
	info.Set("WARC-Filename", "data.warc.gz")
	var rec warc.Writer
	if _, err := rec.Append(info); err != nil {
		return err
	}
	_, err = x.out.Member(rec.Bytes())
	return err
}

// page writes the captures of one page.
func (x *packer) page(ctx context.Context, w io.Writer, c choice) error {
	looks, err := x.Archive.Looks(ctx, c.page.ID, 0)
	if err != nil {
		return err
	}
	slices.Reverse(looks)
	var kept []archive.Look
	for i := range looks {
		if c.keep(&looks[i]) {
			kept = append(kept, looks[i])
		}
	}
	if len(kept) == 0 {
		return nil
	}
	if err := x.begin(w); err != nil {
		return err
	}
	versions, err := x.versions(ctx, kept)
	if err != nil {
		return err
	}
	if err := x.captures(ctx, kept, versions); err != nil {
		return err
	}
	x.rep.Pages++
	x.rep.Captures += len(kept)
	x.rep.Versions += len(versions)
	for i := range kept {
		if kept[i].Unchanged {
			x.rep.Unchanged++
		}
	}
	if first := kept[0].Time; x.rep.First.IsZero() || first.Before(x.rep.First) {
		x.rep.First = first
	}
	if last := kept[len(kept)-1].Time; last.After(x.rep.Last) {
		x.rep.Last = last
	}
	x.cover.add(c.page, looks, kept, len(versions))
	x.rep.Gaps = x.cover.count
	return nil
}

// versions lists the wordings that captures show as pages to begin reading at,
// each at the first of the captures that shows it. It returns them by the
// capture in which each was read.
func (x *packer) versions(ctx context.Context, kept []archive.Look) (map[archive.Seq]archive.Seq, error) {
	read, seen := map[archive.Seq]archive.Seq{}, map[archive.Seq]bool{}
	for i := range kept {
		id := kept[i].Version
		if id == 0 || seen[id] {
			continue
		}
		seen[id] = true
		v, err := x.Archive.Version(ctx, id)
		if err != nil {
			return nil, err
		}
		read[v.Capture] = id
		if v.Gone {
			continue
		}
		title := v.Title
		if title == "" {
			title = v.URL
		}
		if err := x.out.Page(wacz.Page{URL: v.URL, Time: kept[i].Time, Title: title, Text: text(v)}); err != nil {
			return nil, err
		}
	}
	return read, nil
}

// captures writes captures in the order in which they came, with those whose
// content they repeat, and after each the wordings that were read in it.
func (x *packer) captures(ctx context.Context, kept []archive.Look, versions map[archive.Seq]archive.Seq) error {
	have := map[archive.Seq]bool{}
	for i := range kept {
		have[kept[i].Seq] = true
	}
	var seqs []archive.Seq
	for i := range kept {
		seqs = append(seqs, kept[i].Seq)
		if r := kept[i].Refers; r != 0 && !have[r] {
			have[r] = true
			seqs = append(seqs, r)
			x.rep.Extra++
		}
	}
	slices.SortFunc(seqs, cmp.Compare[archive.Seq])
	for i, seq := range seqs {
		if err := x.capture(ctx, seq); err != nil {
			return err
		}
		if id, ok := versions[seq]; ok {
			record, err := x.Archive.VersionRecord(ctx, id)
			if err != nil {
				return err
			}
			if _, err := x.out.Member(record); err != nil {
				return err
			}
		}
		if x.Progress != nil && x.total > 0 {
			x.Progress(int64(x.rep.Captures+i+1), x.total)
		}
	}
	return nil
}

// capture writes the records of one capture. One that is damaged is left out.
func (x *packer) capture(ctx context.Context, seq archive.Seq) error {
	data, err := x.Archive.Group(ctx, seq)
	if err == nil {
		for _, err = range archive.Entries(bytes.NewReader(data)) {
			if err != nil {
				break
			}
		}
	}
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		x.rep.Damaged = append(x.rep.Damaged, fmt.Sprintf("capture %d: %v", seq, err))
		return nil
	}
	at, err := x.out.Member(data)
	if err != nil {
		return err
	}
	for a, err := range archive.AnswersIn(bytes.NewReader(data)) {
		if err != nil {
			return err
		}
		if l := replayLine(a); l != nil {
			l.Offset += cdxj.Number(at)
			if err := x.out.Index(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// replayLine is the line of an answer in an index for replay; nil for what has
// nothing to show there. A 304 is such: players would show its empty body, and
// what it stands for is shown by the capture before it.
func replayLine(a *archive.Answer) *cdxj.Line {
	if a.Revisit && a.Status == http.StatusNotModified {
		return nil
	}
	l := &cdxj.Line{URL: a.URL, Time: a.Time, MIME: a.MIME, Status: cdxj.Number(a.Status), Digest: a.Payload,
		Offset: cdxj.Number(a.Offset), Length: cdxj.Number(a.Length), File: a.File}
	if l.MIME == "" {
		l.MIME = "application/octet-stream"
	}
	if a.Revisit {
		l.MIME = "warc/revisit"
	}
	return l
}

//go:embed export.md
var exportText string

// readme is the package's README.md.
func (x *packer) readme() []byte {
	data := struct {
		*Exported
		Title, Asked, Software, Log string
		From, Until, Created        time.Time
		LogSize                     int64
		Gaps                        []gap
		GapCount                    int
	}{x.rep, x.set.Title, x.set.Asked, x.Software, "", x.set.From, x.set.Until, x.created, 0, x.cover.gaps, x.cover.count}
	if c, err := archive.ParseCheckpoint(x.Archive.Checkpoint(), x.Archive.LogKey()); err == nil {
		data.Log, data.LogSize = c.Origin, c.Size
	}
	return fill("README.md", exportText, data)
}

// CDXJ writes an index of the whole archive, sorted bytewise, whose file names
// and offsets are those of the WARC files: with it, tools replay straight from
// the archive. What cannot be read is left out and returned, one sentence each.
func (e *Exporter) CDXJ(ctx context.Context, w io.Writer) (lines int64, damaged []string, err error) {
	var s cdxj.Sorter
	defer s.Close()
	for a, err := range e.Archive.Answers(ctx, e.Progress) {
		switch {
		case err != nil && ctx.Err() != nil:
			return 0, nil, fmt.Errorf("export: %w", ctx.Err())
		case err != nil:
			damaged = append(damaged, err.Error())
			continue
		}
		l := replayLine(a)
		if l == nil {
			continue
		}
		b, err := l.Format()
		if err == nil {
			err = s.Add(b)
		}
		if err != nil {
			return 0, nil, fmt.Errorf("export: %w", err)
		}
	}
	for line, err := range s.Lines() {
		if err == nil {
			_, err = w.Write(append(line, '\n'))
		}
		if err != nil {
			return 0, nil, fmt.Errorf("export: %w", err)
		}
	}
	return s.Len(), damaged, nil
}
