package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/go-pdf/fpdf"
	"github.com/rogpeppe/go-internal/testscript"

	"veille/internal/demosite"
	"veille/internal/tsatest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"veille": func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestCommandLine runs the stories of testdata/script. In each, $SITE is the
// address of a demonstration site that `advance` takes a step on, and
// sources.yaml watches it; $TSA is a time-stamp authority, tsa.pem its root.
func TestCommandLine(t *testing.T) {
	var mu sync.Mutex
	sites := map[string]*demosite.Site{}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			site, err := demosite.New()
			if err != nil {
				return err
			}
			mux := http.NewServeMux()
			mux.Handle("/", site)
			mux.HandleFunc("/forbidden/robots.txt", http.NotFound)
			srv := httptest.NewServer(mux)
			e.Defer(srv.Close)
			auth, err := tsatest.New(time.Now, nil)
			if err != nil {
				return err
			}
			stamps := httptest.NewServer(auth)
			e.Defer(stamps.Close)
			e.Setenv("TSA", stamps.URL)
			if err := os.WriteFile(e.WorkDir+"/tsa.pem", auth.PEM(), 0o644); err != nil {
				return err
			}
			if err := writePDF(e.WorkDir + "/saved.pdf"); err != nil {
				return err
			}
			host := strings.TrimPrefix(srv.URL, "http://")
			mu.Lock()
			sites[host] = site
			mu.Unlock()
			e.Setenv("HOST", host)
			e.Setenv("SITE", srv.URL)
			return os.WriteFile(e.WorkDir+"/sources.yaml", demosite.Sources(host, "@every 1h"), 0o644)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"advance": func(ts *testscript.TestScript, _ bool, _ []string) {
				mu.Lock()
				defer mu.Unlock()
				ts.Logf("site: %s", sites[ts.Getenv("HOST")].Advance())
			},
			"inwarc":    inWARC,
			"unzip":     unzip,
			"sums":      checkSums,
			"crawlfile": crawlFile,
		},
	})
}

// crawlFile writes what another crawler may have made of $SITE/en/statistics:
// crawlfile FILE DAY=PLACES…
func crawlFile(ts *testscript.TestScript, _ bool, args []string) {
	var out bytes.Buffer
	for i, look := range args[1:] {
		day, places, _ := strings.Cut(look, "=")
		body := `<html lang="en"><head><title>Return in figures</title></head><body><main><h1>Return in figures</h1><p>There is room for ` + places +
			` places in the closed centres of the country.</p></main></body></html>`
		answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		gz := gzip.NewWriter(&out)
		fmt.Fprintf(gz, "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012d>\r\nWARC-Date: %sT08:00:00Z\r\n"+
			"WARC-Target-URI: %s/en/statistics\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n",
			i, day, ts.Getenv("SITE"), len(answer), answer)
		ts.Check(gz.Close())
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), out.Bytes(), 0o644))
}

// inWARC asks for a text in the WARC files: inwarc TEXT.
func inWARC(ts *testscript.TestScript, neg bool, args []string) {
	files, err := filepath.Glob(ts.MkAbs("data/warc/*.gz"))
	ts.Check(err)
	var all bytes.Buffer
	for _, name := range files {
		f, err := os.Open(name)
		ts.Check(err)
		gz, err := gzip.NewReader(f)
		ts.Check(err)
		_, err = io.Copy(&all, gz)
		ts.Check(errors.Join(err, f.Close()))
	}
	if strings.Contains(all.String(), args[0]) == neg {
		ts.Fatalf("inwarc %q: found: %v", args[0], !neg)
	}
}

// unzip takes the files out of a ZIP file: unzip FILE.
func unzip(ts *testscript.TestScript, _ bool, args []string) {
	z, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer z.Close()
	for _, f := range z.File {
		b, err := fs.ReadFile(z, f.Name)
		ts.Check(errors.Join(err, os.WriteFile(ts.MkAbs(f.Name), b, 0o644)))
	}
}

// checkSums does what sha256sum -c SHA256SUMS does.
func checkSums(ts *testscript.TestScript, _ bool, _ []string) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile("SHA256SUMS")), "\n")
	for _, line := range lines {
		sum, name, ok := strings.Cut(line, "  ")
		if got := fmt.Sprintf("%x", sha256.Sum256([]byte(ts.ReadFile(name)))); !ok || got != sum {
			ts.Fatalf("%s: its digest is %s, listed as %q", name, got, line)
		}
	}
	if len(lines) < 4 {
		ts.Fatalf("only %d files are listed", len(lines))
	}
}

// writePDF writes a letter as a PDF file.
func writePDF(name string) error {
	p := fpdf.New("P", "mm", "A4", "")
	p.SetTitle("Reception in figures", false)
	p.AddPage()
	p.SetFont("Helvetica", "", 12)
	p.MultiCell(0, 6, "Reception in figures\n\nOn 1 March there were 34120 places in the reception network, of which 33910 were taken.", "", "L", false)
	return p.OutputFileAndClose(name)
}

// TestEveryFlagIsDocumented holds docs/operating.md against the command line.
func TestEveryFlagIsDocumented(t *testing.T) {
	docs, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	parser, err := kong.New(&flags{}, kong.Name("veille"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	var walk func(n *kong.Node, name string)
	walk = func(n *kong.Node, name string) {
		for _, f := range n.Flags {
			if seen++; !strings.Contains(string(docs), "`--"+f.Name) && !strings.Contains(string(docs), "--"+f.Name+" ") && !strings.Contains(string(docs), "--"+f.Name+"`") {
				t.Errorf("docs/operating.md does not explain --%s of %s", f.Name, name)
			}
			for _, env := range f.Envs {
				if !strings.Contains(string(docs), env) {
					t.Errorf("docs/operating.md does not explain %s", env)
				}
			}
		}
		for _, c := range n.Children {
			if !strings.Contains(string(docs), "**`veille "+name+c.Name) && n == parser.Model.Node {
				t.Errorf("docs/operating.md does not explain veille %s", name+c.Name)
			}
			walk(c, name+c.Name+" ")
		}
	}
	walk(parser.Model.Node, "")
	if seen < 40 {
		t.Errorf("looked at %d flags only: the walk is broken", seen)
	}
}

// started is veille running in this process, until its context ends.
type started struct {
	url  string
	done chan int
	errs *lockedBuffer
}

// lockedBuffer is a buffer that two goroutines may use.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements [io.Writer].
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is what has been written so far.
func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs a command that serves, and waits until it listens.
func start(t *testing.T, ctx context.Context, args ...string) *started {
	t.Helper()
	return startAt(t, ctx, time.Now, args...)
}

// startAt does so with a clock.
func startAt(t *testing.T, ctx context.Context, now func() time.Time, args ...string) *started {
	t.Helper()
	s := &started{done: make(chan int, 1), errs: &lockedBuffer{}}
	booted := make(chan string, 1)
	a := &app{out: s.errs, err: s.errs, now: now, onboot: func(url string) { booted <- url }}
	go func() { s.done <- a.run(ctx, args) }()
	select {
	case s.url = <-booted:
	case code := <-s.done:
		t.Fatalf("veille %s ended with %d:\n%s", strings.Join(args, " "), code, s.errs)
	}
	return s
}

// TestServeAnswersTheCommandLine: while an instance runs, commands that read
// ask it, and commands that write say that it must be stopped.
func TestServeAnswersTheCommandLine(t *testing.T) {
	demo := watchDemo(t, "@every 1h")
	d := &desk{t: t, args: demo.args()}
	d.run("crawl")
	demo.Advance()
	d.run("crawl")
	alone := d.run("changes", "--json")
	index := d.run("export", "cdxj")
	found := withoutTime(d.run("search", "closed centre", "--as-of", "2100-01-01", "--json"))

	absent := said(t, append([]string{"blame", "https://nowhere.example.org/"}, d.args...))
	if !strings.Contains(absent, "not in the archive; `veille export csv versions` lists") {
		t.Errorf("what is not there is said as %q", absent)
	}

	ctx, stop := context.WithCancel(t.Context())
	s := start(t, ctx, demo.args("serve", "--listen", "127.0.0.1:0")...)
	if got := d.run("changes", "--json"); got != alone {
		t.Errorf("the instance answers otherwise:\n%s\nwant\n%s", got, alone)
	}
	if got := withoutTime(d.run("search", "closed centre", "--as-of", "2100-01-01", "--json")); got != found {
		t.Errorf("the instance finds otherwise:\n%s\nwant\n%s", got, found)
	}
	if got := d.run("export", "cdxj"); got != index {
		t.Errorf("the instance exports otherwise:\n%s\nwant\n%s", got, index)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), append([]string{"export", "wacz", "--version", "999", "-o", demo.Data + "/x.wacz"}, d.args...), &out, &errs); code != 1 || !strings.Contains(errs.String(), "version 999") {
		t.Errorf("an export that cannot be, from an instance: exit status %d, %s", code, errs.String())
	}
	if got := said(t, append([]string{"blame", "https://nowhere.example.org/"}, d.args...)); got != absent {
		t.Errorf("from an instance, what is not there is said as\n%swant\n%s", got, absent)
	}
	out.Reset()
	errs.Reset()
	if code := run(t.Context(), append([]string{"crawl"}, d.args...), &out, &errs); code != 1 || !strings.Contains(errs.String(), s.url) {
		t.Errorf("crawl beside an instance: exit status %d, %s", code, errs.String())
	}
	stop()
	if code := <-s.done; code != 0 {
		t.Errorf("serve ended with %d:\n%s", code, s.errs)
	}
	d.run("verify")
}

// said is what a command that fails says.
func said(t *testing.T, args []string) string {
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, &out, &errs); code != 1 {
		t.Errorf("%v: exit status %d", args, code)
	}
	return errs.String()
}

// withoutTime is a search's answer without how long it took.
func withoutTime(doc string) string {
	return regexp.MustCompile(`"took_ms": [0-9.]+`).ReplaceAllString(doc, fmt.Sprintf("%q: 0", "took_ms"))
}
