package server

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"sync"

	"veille/archive"
)

// The file of the records of figures: "cache/figures" in the folder of the
// archive. It may be thrown away, and is by another program – which may find other
// figures, or write records otherwise – or with another archive.
//
//	file  = "veille figures " stamp "\n" *entry
//	entry = page history length sum record    page (from 1 on) and history of eight bytes, length and sum of four
//
// Entries are only appended; of several of one page the last counts. The sum
// (CRC-32C) is of the record: one that does not have it is as good as none, and
// what is behind an entry that was not written to its end is cut off. Where more
// is superseded than counts, the file is written anew.

// The bounds of the file, in bytes.
const (
	maxFigureFile = 256 << 20 // of records that count
	spareFigures  = 16 << 20  // that may be superseded in any case
	entryHead     = 24
)

// figuresStamp is of the program and the archive that records hold for.
func figuresStamp(a *archive.Archive) string { return programName() + " " + a.LogKey() }

// A figureStore keeps records in a file. It may be used concurrently; nil has
// none and keeps none.
type figureStore struct {
	stamp string

	mu         sync.RWMutex // guards all below; what is read is read under it too
	file       *os.File
	at         map[archive.PageID]storedFigures
	end, count int64 // where the next entry goes, and how much of what is before counts
}

// storedFigures is where a record stands, and of which history it is.
type storedFigures struct {
	history uint64
	offset  int64
	length  uint32
	sum     uint32
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openFigures opens the file, or begins it anew if it is of another stamp.
func openFigures(path, stamp string) (s *figureStore, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("records of figures: %w", err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	s = &figureStore{stamp: "veille figures " + stamp + "\n", file: file, at: map[archive.PageID]storedFigures{}}
	head := make([]byte, len(s.stamp))
	_, err = file.ReadAt(head, 0)
	if err == nil && string(head) == s.stamp {
		s.end = int64(len(head))
		err = s.scan()
	} else if err == nil || errors.Is(err, io.EOF) {
		if err = file.Truncate(0); err == nil {
			_, err = file.WriteAt([]byte(s.stamp), 0)
		}
		s.end = int64(len(s.stamp))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// scan finds the entries, and cuts off what is not one.
func (s *figureStore) scan() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	var head [entryHead]byte
	for s.end+entryHead <= info.Size() {
		if _, err := s.file.ReadAt(head[:], s.end); err != nil {
			return err
		}
		page, length := archive.PageID(binary.LittleEndian.Uint64(head[:])), binary.LittleEndian.Uint32(head[16:])
		if page == 0 || s.end+entryHead+int64(length) > info.Size() { // zeros are what a crash may leave at the end
			break
		}
		s.note(page, storedFigures{binary.LittleEndian.Uint64(head[8:]), s.end + entryHead, length, binary.LittleEndian.Uint32(head[20:])})
	}
	if s.end < info.Size() {
		return s.file.Truncate(s.end)
	}
	return nil
}

// note notes an entry that stands at the end.
func (s *figureStore) note(page archive.PageID, of storedFigures) {
	if was, ok := s.at[page]; ok {
		s.count -= entryHead + int64(was.length)
	}
	s.at[page] = of
	s.count += entryHead + int64(of.length)
	s.end += entryHead + int64(of.length)
}

// has reports whether there is the record of a page with a history.
func (s *figureStore) has(page archive.PageID, history uint64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	of, ok := s.at[page]
	return ok && of.history == history
}

// read reads the record of a page with a history into room, which it makes larger
// if need be; false if there is none.
func (s *figureStore) read(page archive.PageID, history uint64, room *[]byte) bool {
	if s == nil {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	of, ok := s.at[page]
	if !ok || of.history != history || s.file == nil {
		return false
	}
	if uint32(cap(*room)) < of.length {
		*room = make([]byte, of.length+of.length/4)
	}
	*room = (*room)[:of.length]
	_, err := s.file.ReadAt(*room, of.offset)
	return err == nil && crc32.Checksum(*room, castagnoli) == of.sum
}

// put appends a record, if there is room, and reports whether it did. What cannot
// be written is not kept: nothing is lost.
func (s *figureStore) put(page archive.PageID, history uint64, record []byte) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil || s.count+entryHead+int64(len(record)) > maxFigureFile {
		return false
	}
	entry := make([]byte, entryHead, entryHead+len(record))
	of := storedFigures{history, s.end + entryHead, uint32(len(record)), crc32.Checksum(record, castagnoli)}
	binary.LittleEndian.PutUint64(entry, uint64(page))
	binary.LittleEndian.PutUint64(entry[8:], history)
	binary.LittleEndian.PutUint32(entry[16:], of.length)
	binary.LittleEndian.PutUint32(entry[20:], of.sum)
	if _, err := s.file.WriteAt(append(entry, record...), s.end); err != nil {
		return false
	}
	s.note(page, of)
	return true
}

// tidy writes the file anew where more of it is superseded than counts.
func (s *figureStore) tidy() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end-s.count < max(s.count, spareFigures) {
		return nil
	}
	path := s.file.Name()
	file, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	next := &figureStore{file: file, at: map[archive.PageID]storedFigures{}, end: int64(len(s.stamp))}
	w := bufio.NewWriterSize(file, 1<<20)
	_, err = w.WriteString(s.stamp)
	for page, of := range s.at {
		if err == nil {
			_, err = io.Copy(w, io.NewSectionReader(s.file, of.offset-entryHead, entryHead+int64(of.length)))
		}
		of.offset = next.end + entryHead
		next.note(page, of)
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return errors.Join(err, file.Close(), os.Remove(path+".new"))
	}
	err = s.file.Close()
	s.file, s.at, s.end, s.count = file, next.at, next.end, next.count
	return err
}

// close gives the file back; there are no records then.
func (s *figureStore) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	file := s.file
	s.file, s.at = nil, nil
	return file.Close()
}

// historyStamp is the same for the same history.
func historyStamp(history []*archive.Version) uint64 {
	h := fnv.New64a()
	var b [32]byte
	for _, v := range history {
		binary.LittleEndian.PutUint64(b[:], uint64(v.ID))
		binary.LittleEndian.PutUint64(b[8:], uint64(v.Seen.After.UnixMilli()))
		binary.LittleEndian.PutUint64(b[16:], uint64(v.Seen.By.UnixMilli()))
		binary.LittleEndian.PutUint64(b[24:], uint64(v.Leaf))
		h.Write(b[:])
	}
	return h.Sum64()
}
