// Command documents measures how long it takes to read documents, and how much
// memory, each in a process of its own.
//
//	go run ./bench/documents [-pages N] [-runs N] [FILE…]
//
// It makes a report of 300 pages – headings, justified text, tables, notes,
// running lines – as PDF, and the same text as Word, OpenDocument, RTF and mail,
// and reads them as the program does. PDF is read by both readers; beside them
// stands `pdftotext -tsv` alone, whose time is the limit for the one that uses
// it. Files named on the command line are read too. Peak memory is that of the
// reading process and, apart, of its pdftotext.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"veille/archive"
	"veille/extract"
)

func main() {
	log.SetFlags(0)
	pages := flag.Int("pages", 300, "pages of the report")
	runs := flag.Int("runs", 3, "runs of each; the one that took least counts")
	child := flag.String("child", "", "read one file by this strategy, and print what it took")
	flag.Parse()
	var err error
	if *child != "" {
		err = readOne(flag.Arg(0), strings.TrimPrefix(*child, "as:"))
	} else {
		err = measure(*pages, *runs, flag.Args())
	}
	if err != nil {
		log.Fatal(err)
	}
}

// readOne reads a file and prints seconds, blocks, and peak memory in MB of
// this process and of the largest it started.
func readOne(file, strategy string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	c := &archive.Capture{URL: "https://example.org/" + filepath.Base(file), Status: 200, Body: body, Seq: 1,
		Header: http.Header{"Content-Type": {extract.MediaType(file, body)}}}
	c.FinalURL = c.URL
	begin := time.Now()
	text, err := extract.ReadAs(context.Background(), c, nil, strategy)
	took := time.Since(begin)
	if err != nil {
		return err
	}
	if text.Version == nil {
		return fmt.Errorf("%s: %s", file, text.Reason)
	}
	var children syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_CHILDREN, &children); err != nil {
		return err
	}
	var self syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &self); err != nil {
		return err
	}
	fmt.Printf("%.3f %.3f %d %d %d\n", took.Seconds(), (cpu(&self) + cpu(&children)).Seconds(), len(text.Version.Blocks), peak(), children.Maxrss>>10)
	return nil
}

func cpu(u *syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }

// peak is the most memory this process has held, in MB; 0 if the system does
// not say. (The rusage of a process counts what its parent held, too.)
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kb := 0
	if _, err := fmt.Sscan(rest, &kb); err != nil {
		return 0
	}
	return kb >> 10
}

// A result is what one reading took.
type result struct {
	seconds, cpu        float64 // cpu: processor time, that of pdftotext included
	blocks, self, child int
}

func measure(pages, runs int, files []string) error {
	dir, err := os.MkdirTemp("", "documents")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	made, err := makeDocuments(dir, pages)
	if err != nil {
		return err
	}
	fmt.Printf("%-34s %9s %9s %9s %9s %12s %8s\n", "document", "KB", "seconds", "CPU s", "peak MB", "pdftotext MB", "blocks")
	for _, file := range append(made, files...) {
		if strings.HasSuffix(file, ".pdf") {
			pdftotextAlone(file, runs)
		}
		for _, s := range strategies(file) {
			r, err := best(file, s, runs)
			if err != nil {
				fmt.Printf("%-34s %v\n", filepath.Base(file)+" "+s, err)
				continue
			}
			label := strings.TrimSpace(filepath.Base(file) + " " + s)
			fmt.Printf("%-34s %9d %9.3f %9.3f %9d %12s %8d\n", label[max(0, len(label)-34):], size(file)>>10, r.seconds, r.cpu, r.self, orDash(r.child), r.blocks)
		}
	}
	return nil
}

// strategies are the ways in which a file is read.
func strategies(file string) []string {
	if !strings.HasSuffix(file, ".pdf") {
		return []string{""}
	}
	if _, err := exec.LookPath("pdftotext"); err != nil {
		return []string{"pdf-builtin"}
	}
	return []string{"pdf", "pdf-builtin"}
}

func best(file, strategy string, runs int) (result, error) {
	program, err := os.Executable()
	if err != nil {
		return result{}, err
	}
	var all []result
	for range max(1, runs) {
		var out, complaint bytes.Buffer
		cmd := exec.Command(program, "-child", "as:"+strategy, file)
		cmd.Stdout, cmd.Stderr = &out, &complaint
		if err := cmd.Run(); err != nil {
			return result{}, fmt.Errorf("%w: %s", err, strings.TrimSpace(complaint.String()))
		}
		var r result
		if _, err := fmt.Sscan(out.String(), &r.seconds, &r.cpu, &r.blocks, &r.self, &r.child); err != nil {
			return r, err
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b result) int {
		if a.cpu < b.cpu {
			return -1
		}
		return 1
	})
	return all[0], nil
}

// pdftotextAlone is the limit: what poppler takes without us.
func pdftotextAlone(file string, runs int) {
	fastest, least := time.Hour, time.Hour
	for range max(1, runs) {
		begin := time.Now()
		cmd := exec.Command("pdftotext", "-tsv", file, os.DevNull)
		if err := cmd.Run(); err != nil {
			fmt.Printf("%-34s %v\n", "pdftotext alone", err)
			return
		}
		fastest = min(fastest, time.Since(begin))
		least = min(least, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	}
	fmt.Printf("%-34s %9d %9.3f %9.3f %9s %12s %8s\n", "pdftotext -tsv alone", size(file)>>10, fastest.Seconds(), least.Seconds(), "", "", "")
}

func size(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

func orDash(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}
