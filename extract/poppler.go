package extract

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// popplerPDF reads a PDF with poppler's pdftotext as a child process, which is
// killed when ctx ends or its output exceeds maxPDFOutput.
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
	err := cmd.Run()
	switch said := complaint.String(); {
	case out.over:
		return nil, errPDFSize
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, errPDFTime
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case strings.Contains(said, "Incorrect password") || strings.Contains(said, "encryption"):
		return nil, errEncrypted
	case err != nil && out.Len() == 0:
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

// parseTSV reads what pdftotext -tsv writes.
func parseTSV(out []byte) ([]pdfPage, error) {
	var pages []pdfPage
	var words []string
	var line pdfLine
	end := func() {
		if text := clean(strings.Join(words, " ")); text != "" && len(pages) > 0 {
			line.text = text
			p := &pages[len(pages)-1]
			p.lines = append(p.lines, line)
		}
		words = words[:0]
	}
	for row := range strings.Lines(string(out)) {
		f := strings.SplitN(strings.TrimRight(row, "\r\n"), "\t", 12)
		if len(f) < 12 || f[0] == "level" {
			continue
		}
		switch f[0] {
		case "1":
			end()
			if len(pages) >= maxPDFPages {
				return nil, errPDFSize
			}
			pages = append(pages, pdfPage{height: float(f[9])})
		case "3":
			end()
		case "4":
			end()
			line = pdfLine{left: float(f[6]), top: float(f[7]), right: float(f[6]) + float(f[8]), size: float(f[9]),
				block: blockNumber(f)}
		case "5":
			words = append(words, f[11])
		}
	}
	end()
	return pages, nil
}

// blockNumber makes one number of a line's flow and block.
func blockNumber(f []string) int {
	par, err1 := strconv.Atoi(f[2])
	block, err2 := strconv.Atoi(f[3])
	if err1 != nil || err2 != nil {
		return 0
	}
	return par*100_000 + block
}

func float(s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v != v || v < -1e6 || v > 1e6 {
		return 0
	}
	return v
}
