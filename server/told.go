package server

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"

	"veille/archive"
	"veille/diff"
)

// What lists tell of a change – its weight and senses, its summary in each
// language, an excerpt – is found by comparing two whole versions, and never
// changes. So [Server.KeepWarm] writes it down, and lists read it from there.
//
// The file is "changes" in the folder "cache" of the archive. Its first line is a
// [toldBy] as JSON. Records follow, one after another, in no order: the length of
// the body and the CRC-32 (IEEE) of it, four bytes each, little-endian, then the
// body, a [toldChange] as JSON. A record that is torn or damaged ends the file: what
// stands after it is cut off. Of two about the same change the later is good, and
// none that was written before another history was woven into its page.
//
// The file may be thrown away. It is made anew where the rules of package diff or
// the archive are others; where only the program is another, which may find other
// words, what chooses changes is taken over from it.

// mostTold is how many records the file has at most; then it is begun anew.
const mostTold = 2 * maxHeads

// toldFormat is of the file as it is described above.
const toldFormat = "veille changes 1"

// toldBy says for what a file holds.
type toldBy struct {
	Format  string // toldFormat
	Rules   string // of package diff, and the archive
	Program string
}

// toldChange is what is written down of a change.
type toldChange struct {
	From, To, Back  archive.Seq
	Page            archive.PageID
	Woven           archive.Seq // the capture that was woven into the page last, 0 for none
	Weight, Hidden  int
	Senses          []string
	Signature, Twin string
	Summaries       []string // in the order of Langs
	Excerpt         []diff.Word
}

// A toldFile is the file while it is open. The zero value keeps nothing. It may
// be used concurrently.
type toldFile struct {
	mu    sync.Mutex // guards all fields
	file  *os.File   // nil: nothing is kept
	by    toldBy
	size  int64
	all   int // records that it has, good or not
	at    map[stretch]toldAt
	woven map[archive.PageID]archive.Seq
}

// toldAt is where a record's body lies.
type toldAt struct {
	page   archive.PageID
	offset int64
	length uint32
	sum    uint32
}

const toldPrefix = 8 // bytes before a body

// programName tells builds of this program apart.
func programName() string {
	name := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		name = fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(info.String())))
	}
	if path, err := os.Executable(); err == nil {
		if f, err := os.Stat(path); err == nil {
			name += fmt.Sprintf(" %d %d", f.Size(), f.ModTime().UnixNano())
		}
	}
	return name
}

// open opens the file, or makes it. woven are the pages into which another
// history was woven. It returns what is good of it.
func (t *toldFile) open(path string, by toldBy, woven []archive.Woven) (good []toldChange, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.by, t.all, t.at, t.woven = by, 0, map[stretch]toldAt{}, map[archive.PageID]archive.Seq{}
	for _, p := range woven {
		t.woven[p.Page] = p.By
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("what is told of changes: %w", err)
	}
	if t.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("what is told of changes: %w", err)
	}
	info, err := t.file.Stat()
	if err != nil {
		return nil, t.shut(err)
	}
	r := bufio.NewReaderSize(t.file, 1<<16)
	var was toldBy
	if head, err := r.ReadSlice('\n'); err == nil && json.Unmarshal(head, &was) == nil && was.Format == by.Format && was.Rules == by.Rules {
		good = t.scan(r, int64(len(head)), info.Size())
	}
	if was != by {
		return good, t.begin()
	}
	if err := t.file.Truncate(t.size); err != nil {
		return good, t.shut(err)
	}
	return good, nil
}

// scan reads records from an offset of the file on, one at a time: all of them may
// be hundreds of megabytes.
func (t *toldFile) scan(r io.Reader, offset, size int64) (good []toldChange) {
	var prefix [toldPrefix]byte
	var body []byte
	for {
		if _, err := io.ReadFull(r, prefix[:]); err != nil {
			break
		}
		at := toldAt{offset: offset + toldPrefix, length: binary.LittleEndian.Uint32(prefix[:]), sum: binary.LittleEndian.Uint32(prefix[4:])}
		end := at.offset + int64(at.length)
		if end > size {
			break
		}
		body = slices.Grow(body[:0], int(at.length))[:at.length]
		k := toldChange{}
		if _, err := io.ReadFull(r, body); err != nil || crc32.ChecksumIEEE(body) != at.sum || json.Unmarshal(body, &k) != nil {
			break
		}
		if at.page = k.Page; k.Woven == t.woven[k.Page] {
			t.at[stretch{k.From, k.To}] = at
			k.Summaries, k.Excerpt = nil, nil // they are read when they are asked for
			good = append(good, k)
		}
		t.all++
		offset = end
	}
	t.size = offset
	return good
}

// begin makes the file one without records.
func (t *toldFile) begin() error {
	head, err := json.Marshal(t.by)
	if err == nil {
		err = t.file.Truncate(0)
	}
	if err == nil {
		_, err = t.file.WriteAt(append(head, '\n'), 0)
	}
	if err != nil {
		return t.shut(err)
	}
	t.size, t.all = int64(len(head)+1), 0
	clear(t.at)
	return nil
}

// shut closes the file because of an error, or of nil.
func (t *toldFile) shut(err error) error {
	if t.file != nil {
		err = errors.Join(err, t.file.Close())
	}
	t.file, t.at = nil, nil
	if err != nil {
		return fmt.Errorf("what is told of changes: %w", err)
	}
	return nil
}

func (t *toldFile) close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.shut(nil)
}

// lacks reports whether something could be written down of a change, and is not.
func (t *toldFile) lacks(s stretch) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, ok := t.at[s]
	return t.file != nil && !ok
}

// put writes down a change. After an error nothing is kept any more.
func (t *toldFile) put(k toldChange) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return nil
	}
	if t.all >= mostTold {
		if err := t.begin(); err != nil {
			return err
		}
	}
	k.Woven = t.woven[k.Page]
	body, err := json.Marshal(k)
	if err != nil {
		return t.shut(err)
	}
	at := toldAt{k.Page, t.size + toldPrefix, uint32(len(body)), crc32.ChecksumIEEE(body)}
	record := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, at.length), at.sum)
	if _, err := t.file.WriteAt(append(record, body...), t.size); err != nil {
		return t.shut(err)
	}
	t.size += toldPrefix + int64(len(body))
	t.all++
	t.at[stretch{k.From, k.To}] = at
	return nil
}

// get reads what was written down of a change; a record that cannot be read is
// none.
func (t *toldFile) get(s stretch) (k toldChange, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.at[s]
	if !ok {
		return k, false
	}
	body := make([]byte, at.length)
	if _, err := t.file.ReadAt(body, at.offset); err != nil || crc32.ChecksumIEEE(body) != at.sum || json.Unmarshal(body, &k) != nil {
		delete(t.at, s)
		return toldChange{}, false
	}
	return k, true
}

// rewoven notes pages into which another history was woven since, and returns
// the changes of them that were known.
func (t *toldFile) rewoven(woven []archive.Woven) (gone []stretch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	other := map[archive.PageID]bool{}
	for _, p := range woven {
		if other[p.Page] = true; t.woven != nil {
			t.woven[p.Page] = p.By
		}
	}
	for s, at := range t.at {
		if other[at.page] {
			gone = append(gone, s)
			delete(t.at, s)
		}
	}
	return gone
}
