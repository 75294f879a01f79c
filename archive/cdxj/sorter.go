package cdxj

import (
	"bufio"
	"bytes"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
)

// sorterMemory is how much of an index a Sorter holds in memory.
const sorterMemory = 32 << 20

// A Sorter brings lines into the order of an index, bytewise, in bounded
// memory: what is too much is written to temporary files, each sorted, which
// are merged in the end. Its zero value is ready for use. It is not safe for
// concurrent use.
type Sorter struct {
	Memory int // bytes of lines held in memory, 0: 32 MiB

	lines [][]byte
	size  int
	n     int64
	runs  []*os.File
}

// Add takes one line, without its end.
func (s *Sorter) Add(line []byte) error {
	s.lines = append(s.lines, line)
	s.size += len(line)
	s.n++
	most := s.Memory
	if most <= 0 {
		most = sorterMemory
	}
	if s.size < most {
		return nil
	}
	return s.spill()
}

// Len is the number of lines.
func (s *Sorter) Len() int64 { return s.n }

func (s *Sorter) spill() error {
	f, err := os.CreateTemp("", "veille-index-*")
	if err != nil {
		return fmt.Errorf("sort index: %w", err)
	}
	s.runs = append(s.runs, f)
	slices.SortFunc(s.lines, bytes.Compare)
	w := bufio.NewWriterSize(f, 1<<20)
	for _, l := range s.lines {
		w.Write(l) // what fails is said by Flush
		w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("sort index: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("sort index: %w", err)
	}
	s.lines, s.size = s.lines[:0], 0
	return nil
}

// Lines yields the lines in order, without their ends, once. A line is valid
// until the next. It ends at the first error, which it yields.
func (s *Sorter) Lines() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		slices.SortFunc(s.lines, bytes.Compare)
		var h runs
		for _, f := range s.runs {
			h = append(h, &run{in: bufio.NewReaderSize(f, 256<<10)})
		}
		h = append(h, &run{lines: s.lines})
		for i := 0; i < len(h); {
			switch err := h[i].next(); {
			case errors.Is(err, io.EOF):
				h = slices.Delete(h, i, i+1)
			case err != nil:
				yield(nil, fmt.Errorf("sort index: %w", err))
				return
			default:
				i++
			}
		}
		heap.Init(&h)
		for len(h) > 0 {
			if !yield(h[0].line, nil) {
				return
			}
			switch err := h[0].next(); {
			case errors.Is(err, io.EOF):
				heap.Pop(&h)
			case err != nil:
				yield(nil, fmt.Errorf("sort index: %w", err))
				return
			default:
				heap.Fix(&h, 0)
			}
		}
	}
}

// Close removes the temporary files.
func (s *Sorter) Close() error {
	var err error
	for _, f := range s.runs {
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	s.runs = nil
	return err
}

// A run is lines in order: of a file, or in memory.
type run struct {
	in    *bufio.Reader
	lines [][]byte
	line  []byte
}

func (r *run) next() error {
	if r.in == nil {
		if len(r.lines) == 0 {
			return io.EOF
		}
		r.line, r.lines = r.lines[0], r.lines[1:]
		return nil
	}
	r.line = r.line[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		r.line = append(r.line, part...)
		if err == nil {
			r.line = r.line[:len(r.line)-1]
			return nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}

// runs is a heap of runs, the one with the least line first.
type runs []*run

func (h runs) Len() int           { return len(h) }
func (h runs) Less(i, j int) bool { return bytes.Compare(h[i].line, h[j].line) < 0 }
func (h runs) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push implements [heap.Interface].
func (h *runs) Push(x any) { *h = append(*h, x.(*run)) }

// Pop implements [heap.Interface].
func (h *runs) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
