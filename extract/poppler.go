package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"veille/extract/pdftext"
)

// popplerPDF reads a PDF with poppler's pdftotext as a child process, which is
// killed when ctx ends or its output exceeds maxPDFOutput, and, on Linux, may
// take no more than maxPDFMemory and maxPDFTime of a processor.
//
// It asks for tab-separated output. Each line is level, page, paragraph,
// block, line, word, left, top, width, height, confidence, text; level 1 is a
// page, 3 a flow, 4 a line (its box), 5 a word.
func popplerPDF(ctx context.Context, program string, body []byte) ([]pdfPage, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-tsv", "-enc", "UTF-8", "-l", strconv.Itoa(maxPDFPages+1), "-", "-")
	cmd.Stdin = bytes.NewReader(body)
	cmd.WaitDelay = time.Second
	out := &tsvReader{stop: cancel}
	complaint := &capped{limit: 4 << 10}
	cmd.Stdout, cmd.Stderr = out, complaint
	err := cmd.Start()
	if err == nil {
		limitChild(cmd.Process.Pid)
		err = cmd.Wait()
	}
	switch said := complaint.String(); {
	case out.err != nil:
		return nil, out.err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, errPDFTime
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case strings.Contains(said, "Incorrect password") || strings.Contains(said, "encryption"):
		return nil, errEncrypted
	case strings.Contains(said, "Out of memory") || strings.Contains(said, "bad_alloc"):
		return nil, errPDFSize
	case err != nil: // part of a document is no version of it
		return nil, errDamaged
	}
	out.end()
	if len(out.pages) == 0 {
		return nil, errDamaged
	}
	return out.pages, nil
}

// A capped buffer takes bytes up to a limit and drops the rest.
type capped struct {
	bytes.Buffer
	limit int
}

func (c *capped) Write(p []byte) (int, error) {
	c.Buffer.Write(p[:min(len(p), max(0, c.limit-c.Len()))])
	return len(p), nil
}

// A tsvReader reads what pdftotext -tsv writes, while it is written, page by
// page. Only pages and words count: lines and their order are made here, as
// for the built-in reader.
type tsvReader struct {
	pages []pdfPage
	page  pdftext.Page
	open  bool   // a page is
	rest  []byte // of a line
	size  int
	err   error
	stop  func() // called once at an error
}

func (r *tsvReader) Write(p []byte) (int, error) {
	n := len(p)
	defer func() { // runs beside the caller, whose guard does not reach here
		if v := recover(); v != nil {
			r.fail()
			r.err = fmt.Errorf("cannot be laid out (%v)", v)
		}
	}()
	if r.size += n; r.size > maxPDFOutput {
		r.fail()
	}
	for r.err == nil {
		line, rest, whole := bytes.Cut(p, []byte("\n"))
		if !whole {
			if r.rest = append(r.rest, p...); len(r.rest) > maxPDFLine {
				r.fail()
			}
			break
		}
		if len(r.rest) > 0 {
			line = append(r.rest, line...)
			r.rest = r.rest[:0]
		}
		r.line(string(line))
		p = rest
	}
	return n, nil
}

func (r *tsvReader) fail() {
	if r.err == nil {
		r.err = errPDFSize
		r.stop()
	}
}

// line reads one line: a page or a word.
func (r *tsvReader) line(s string) {
	f := strings.SplitN(strings.TrimRight(s, "\r"), "\t", 12)
	if len(f) < 12 {
		return
	}
	switch f[0] {
	case "1":
		if r.end(); len(r.pages) >= maxPDFPages {
			r.fail()
		}
		r.open, r.page.Width, r.page.Height = true, float(f[8]), float(f[9])
	case "5":
		if len(r.page.Words) >= maxPageWords {
			r.fail()
		}
		left, top, height := float(f[6]), float(f[7]), float(f[9])
		r.page.Words = append(r.page.Words, pdftext.Word{Text: f[11], Left: left, Top: top, Right: left + float(f[8]), Bottom: top + height, Size: height})
	}
}

// end ends the page under way.
func (r *tsvReader) end() {
	if r.open {
		r.pages = append(r.pages, arrangePage(&r.page))
	}
	r.open, r.page.Words = false, r.page.Words[:0]
}

func float(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v != v || v < -1e6 || v > 1e6 {
		return 0
	}
	return v
}
