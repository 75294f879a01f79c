// Command digest measures what telling costs, on two cores or what there is:
//
//	go run ./bench/digest [-changes 1000] [-subscriptions 10000] [-profile FILE]
//
//	match   so many subscriptions asked of so many changes, for few and for many distinct filters; limit 1 s
//	send    a digest for each of 10,000 people rendered, written down and handed to an SMTP server on this machine; limit 60 s
//	size    what one change more adds to a mail in headline density, in each language: to its text, to its HTML, and to the whole mail as it
//	        crosses the wire, encoded; limit 1,024 bytes
//
// and the most memory that either took; limit 200 MB. Each row is a process of
// its own, on an archive that the first makes.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"text/tabwriter"
	"time"

	"veille/archive"
	"veille/digest"
	"veille/source"
	"veille/thesaurus"
)

// A bed is what is measured on.
type bed struct {
	dir                    string
	changes, subscriptions int
	profile                string
}

// A row is one measurement.
type row struct {
	What             string
	Filters, People  int
	All              time.Duration
	Took             digest.Took
	Mails, Told      int
	Bytes, PeakBytes int64
	Received         int
	Sizes            []size
}

func main() {
	var b bed
	flag.IntVar(&b.changes, "changes", 1000, "pages that change once")
	flag.IntVar(&b.subscriptions, "subscriptions", 10000, "subscriptions, two a person")
	flag.StringVar(&b.profile, "profile", "", "write a CPU profile of the rows to this file and a number")
	child := flag.String("child", "", "what this process measures; set by the benchmark itself")
	flag.StringVar(&b.dir, "dir", "", "where everything lies; set by the benchmark itself")
	flag.Parse()
	var err error
	if *child != "" {
		err = b.child(context.Background(), *child)
	} else {
		err = b.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "digest:", err)
		os.Exit(1)
	}
}

// The rows: how many distinct filters the subscriptions share, and whether the
// digests are sent.
var rows = []string{"100", "1000", "10000", "send"}

func (b *bed) run() error {
	dir, err := os.MkdirTemp("", "veille-bench-digest")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	fmt.Printf("%d changes, %d subscriptions, %d cores\n", b.changes, b.subscriptions, runtime.NumCPU())
	if _, err := b.sub("make"); err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "row\tdistinct filters\tpeople\tcompare s\tmatch s\tlimit\tcompose s\tsend s\tall s\tlimit\tmails\tchanges told\tbytes a change\treceived\tpeak MB\tlimit\t")
	for _, name := range rows {
		r, err := b.sub(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		limit := "–"
		if name == "send" {
			limit = "60"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%.2f\t%.2f\t1\t%.2f\t%.2f\t%.2f\t%s\t%d\t%d\t%d\t%d\t%d\t200\t\n", r.What, r.Filters, r.People, r.Took.Compare.Seconds(), r.Took.Match.Seconds(), r.Took.Compose.Seconds(), r.Took.Send.Seconds(), r.All.Seconds(), limit,
			r.Mails, r.Told, r.Bytes/int64(max(1, r.Told)), r.Received, r.PeakBytes>>20)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return b.sizes()
}

// sub measures in a process of its own.
func (b *bed) sub(name string) (row, error) {
	self, err := os.Executable()
	if err != nil {
		return row{}, err
	}
	args := []string{"-child", name, "-dir", b.dir, "-changes", fmt.Sprint(b.changes), "-subscriptions", fmt.Sprint(b.subscriptions)}
	if b.profile != "" && name != "make" {
		args = append(args, "-profile", b.profile+"."+name)
	}
	cmd := exec.Command(self, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	if err := cmd.Run(); err != nil {
		return row{}, err
	}
	var r row
	return r, json.Unmarshal(out.Bytes(), &r)
}

func (b *bed) child(ctx context.Context, name string) error {
	a, err := archive.Open(filepath.Join(b.dir, "archive"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer a.Close()
	var r row
	switch name {
	case "make":
		err = b.make(ctx, a)
	case "size":
		r.Sizes, err = b.size(ctx, a)
	default:
		r, err = b.measure(ctx, a, name)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// digester opens the subscribers of a row.
func (b *bed) digester(a *archive.Archive, name string) (*digest.Digester, error) {
	store, err := digest.Open(filepath.Join(b.dir, name+".db"))
	if err != nil {
		return nil, err
	}
	terms, err := thesaurus.Load()
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	now := begin.Add(time.Hour)
	return &digest.Digester{Archive: a, Sources: sources(), Thesaurus: terms, Store: store, BaseURL: "https://veille.example.org",
		From: "Veille <veille@example.org>", Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }}, nil
}

// measure tells the subscribers of one row what changed.
func (b *bed) measure(ctx context.Context, a *archive.Archive, name string) (r row, err error) {
	d, err := b.digester(a, name)
	if err != nil {
		return r, err
	}
	defer d.Store.Close()
	r.What = "match " + name
	o := digest.Options{Now: true, DryRun: true, Each: func(m *digest.Mail) error {
		r.Mails++
		r.Bytes += int64(len(m.Text) + len(m.HTML))
		return nil
	}}
	if name == "send" {
		r.What, o.DryRun = "send", false
		server, err := listen()
		if err != nil {
			return r, err
		}
		defer func() { r.Received = server.stop() }()
		smtp, err := digest.NewSMTP("smtp://"+server.addr, d.From)
		if err != nil {
			return r, err
		}
		defer smtp.Close()
		d.Mailer = smtp
	}
	r.Filters, r.People = b.shape(name)
	runtime.GC()
	if b.profile != "" {
		f, err := os.Create(b.profile)
		if err != nil {
			return r, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return r, err
		}
		defer pprof.StopCPUProfile()
	}
	start := time.Now()
	rep, err := d.Sync(ctx, o)
	if err != nil {
		return r, err
	}
	r.All, r.Took = time.Since(start), rep.Took
	r.Told = rep.Changes
	r.PeakBytes = peak()
	return r, nil
}

// peak is the most memory that this process has had, in bytes; 0 where that
// cannot be said.
func peak() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kB int64
	fmt.Sscan(rest, &kB)
	return kB << 10
}

// sources are fifty publishers of three countries.
func sources() *source.List {
	list := &source.List{}
	topics := []string{"closed-centres", "return-hubs", "reception", "voluntary-return"}
	for i := range publishers {
		list.Sources = append(list.Sources, &source.Source{ID: fmt.Sprintf("publisher-%02d", i), Name: map[string]string{"en": fmt.Sprintf("Publisher %d", i)},
			Topics: []string{topics[i%len(topics)]}, Jurisdiction: []string{"BE", "FR", "EU"}[i%3], Kind: "government", Institution: fmt.Sprintf("institution-%d", i/3), Enabled: true})
	}
	return list
}
