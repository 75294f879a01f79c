package extract

import (
	"bytes"
	"context"
	"errors"
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
	out := &capped{limit: maxPDFOutput, full: cancel}
	complaint := &capped{limit: 4 << 10, full: func() {}}
	cmd.Stdout, cmd.Stderr = out, complaint
	err := cmd.Start()
	if err == nil {
		limitChild(cmd.Process.Pid)
		err = cmd.Wait()
	}
	switch said := complaint.String(); {
	case out.over:
		return nil, errPDFSize
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
	pages, err := parseTSV(out.Bytes())
	if err == nil && len(pages) == 0 {
		err = errDamaged
	}
	return pages, err
}

// A capped buffer takes bytes up to a limit, then calls full and drops the rest.
type capped struct {
	bytes.Buffer
	limit int
	over  bool
	full  func()
}

func (c *capped) Write(p []byte) (int, error) {
	if c.Len()+len(p) > c.limit {
		if !c.over {
			c.over = true
			c.full()
		}
		return len(p), nil
	}
	return c.Buffer.Write(p)
}

// parseTSV reads what pdftotext -tsv writes. Only pages and words count: lines
// and their order are made here, as for the built-in reader.
func parseTSV(out []byte) ([]pdfPage, error) {
	var pages []pdfPage
	var page pdftext.Page
	open := false
	end := func() {
		if open {
			pages = append(pages, arrangePage(&page))
		}
		page.Words = page.Words[:0]
	}
	for len(out) > 0 {
		row, rest, _ := bytes.Cut(out, []byte("\n"))
		out = rest
		f := strings.SplitN(strings.TrimRight(string(row), "\r"), "\t", 12)
		if len(f) < 12 || f[0] == "level" {
			continue
		}
		switch f[0] {
		case "1":
			end()
			if len(pages) >= maxPDFPages {
				return nil, errPDFSize
			}
			open, page.Width, page.Height = true, float(f[8]), float(f[9])
		case "5":
			if len(page.Words) >= maxPageWords {
				return nil, errPDFSize
			}
			left, top, height := float(f[6]), float(f[7]), float(f[9])
			page.Words = append(page.Words, pdftext.Word{Text: f[11], Left: left, Top: top, Right: left + float(f[8]), Bottom: top + height, Size: height})
		}
	}
	end()
	return pages, nil
}

func float(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v != v || v < -1e6 || v > 1e6 {
		return 0
	}
	return v
}
