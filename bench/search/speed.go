package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A bed is where speed is measured.
type bed struct {
	data, dir, profile, only, answers string
	passages, users, queries, dear    int
	cold                              bool
}

// limit is what the slowest of twenty searches may take, in ms.
const limit = 50

// A timing is how long queries of a kind took, in ms, and what they found.
type timing struct {
	Kind          string
	P50, P95, Max float64
	CPU           float64 // of the whole process, for each query: what the time would be on a machine with nothing else to do
	Found         float64 // passages, on the average
}

// A side is what one engine measured.
type side struct {
	Timings    []timing
	Open       float64 // s until the first answer
	Warm       float64 // s after that until what is asked for often is in memory
	Peak, Rest float64 // MB: at most, and at the end
}

// speed makes what is missing, measures both sides, and prints one table.
func (b *bed) speed() error {
	for _, what := range []string{"published", "veille", "fts5"} {
		if _, err := b.noted(what); errors.Is(err, fs.ErrNotExist) {
			fmt.Printf("making %s in %s\n", what, b.dir)
			if _, err := b.start("make-" + what); err != nil {
				return err
			}
		}
	}
	before := load()
	ours, err := b.measured("veille")
	if err != nil {
		return err
	}
	theirs, err := b.measured("fts5")
	if err != nil {
		return err
	}
	return b.print(ours, theirs, before)
}

func (b *bed) print(ours, theirs *side, before string) error {
	var m [3]*made
	for i, what := range []string{"published", "veille", "fts5"} {
		var err error
		if m[i], err = b.noted(what); err != nil {
			return err
		}
	}
	mb := func(n int64) float64 { return float64(n) / 1e6 }
	fmt.Printf("%d passages, %.0f MB, in %d pages; %d users at once, %d queries of each kind; load %s before and %s after\n\n",
		m[1].Passages, mb(m[0].Text), m[0].Pages, b.users, b.queries, before, load())
	fmt.Printf("%-32s %12s %12s\n", "", "Veille", "FTS5")
	fmt.Printf("%-32s %12.0f %12.0f\n", "indexed, passages/s", float64(m[1].Passages)/m[1].Seconds, float64(m[2].Passages)/m[2].Seconds)
	fmt.Printf("%-32s %12.0f %12.0f\n", "passages for a second of CPU", float64(m[1].Passages)/m[1].CPU, float64(m[2].Passages)/m[2].CPU)
	fmt.Printf("%-32s %12.0f %12.0f\n", "while indexing, MB at most", m[1].Peak, m[2].Peak)
	fmt.Printf("%-32s %12.0f %12.0f   (without the texts: FTS5 %.0f)\n", "index with texts, MB", mb(m[1].Size), mb(m[2].Size), mb(m[2].Text))
	fmt.Printf("%-32s %12.1f %12.1f\n", "open to first answer, s", ours.Open, theirs.Open)
	fmt.Printf("%-32s %12.1f %12.1f\n", "then, until it is warm, s", ours.Warm, theirs.Warm)
	fmt.Printf("%-32s %12.0f %12.0f\n\n", "while searching, MB at most", ours.Peak, theirs.Peak)
	fmt.Printf("%-16s %8s %8s %8s %8s %9s   %8s %8s %8s %8s %9s\n", "ms", "p50", "p95", "max", "cpu", "found", "p50", "p95", "max", "cpu", "found")
	for i, t := range ours.Timings {
		o := theirs.Timings[i]
		fmt.Printf("%-16s %8.1f %8.1f %8.1f %8.1f %9.0f   %8.1f %8.1f %8.1f %8.1f %9.0f   %s\n", t.Kind, t.P50, t.P95, t.Max, t.CPU, t.Found, o.P50, o.P95, o.Max, o.CPU, o.Found,
			map[bool]string{true: "", false: fmt.Sprintf("over %d", limit)}[t.P95 <= limit])
	}
	return nil
}

// start runs a part in a process of its own and returns what it says.
func (b *bed) start(what string) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-child", what, "-passages", fmt.Sprint(b.passages), "-cache", filepath.Dir(b.dir), "-users", fmt.Sprint(b.users),
		"-queries", fmt.Sprint(b.queries), "-profile", b.profile, "-only", b.only, fmt.Sprintf("-cold=%t", b.cold))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return out, nil
}

func (b *bed) measured(what string) (*side, error) {
	out, err := b.start(what)
	if err != nil {
		return nil, err
	}
	s := &side{}
	return s, json.Unmarshal(out, s)
}

// child is what a process of its own does.
func (b *bed) child(ctx context.Context, what string) error {
	var s *side
	var err error
	switch what {
	case "make-published":
		return b.publish(ctx)
	case "make-veille":
		return b.index(ctx)
	case "make-fts5":
		return b.fts(ctx)
	case "veille":
		s, err = b.veille(ctx)
	case "fts5":
		s, err = b.fts5(ctx)
	default:
		err = fmt.Errorf("there is no part %q", what)
	}
	if err != nil {
		return err
	}
	s.Peak, s.Rest = peakMB(), restMB()
	return json.NewEncoder(os.Stdout).Encode(s)
}

// An answer is how many passages an engine finds for a query.
type answer func(ctx context.Context, q *query) (found int, err error)

// times asks all queries, so many users at once, each as soon as it has the
// answer to the one before.
func (b *bed) times(ctx context.Context, all map[string][]query, ask answer) ([]timing, error) {
	var out []timing
	for _, kind := range kinds {
		if b.only != "" && b.only != kind {
			continue
		}
		queries := all[kind]
		took := make([]float64, len(queries))
		found := make([]int, len(queries))
		errs := make([]error, b.users)
		var wait sync.WaitGroup
		cpu := cpuMS()
		for user := range b.users {
			wait.Go(func() {
				for i := user; i < len(queries) && errs[user] == nil; i += b.users {
					began := time.Now()
					n, err := ask(ctx, &queries[i])
					if err != nil {
						errs[user] = fmt.Errorf("%s: %w", queries[i].text, err)
					}
					took[i], found[i] = float64(time.Since(began).Microseconds())/1000, n
				}
			})
		}
		wait.Wait()
		if err := errors.Join(errs...); err != nil {
			return nil, err
		}
		sum := 0
		for _, n := range found {
			sum += n
		}
		slices.Sort(took)
		at := func(share float64) float64 { return took[min(len(took)-1, int(float64(len(took))*share))] }
		n := float64(len(took))
		out = append(out, timing{kind, at(.5), at(.95), at(1), (cpuMS() - cpu) / n, float64(sum) / n})
	}
	return out, nil
}

// cpuMS is how much processor time the process has taken.
func cpuMS() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
}

// load is the machine's load, as far as it says.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}

// peakMB is the most memory the process has had, restMB what it has.
func peakMB() float64 { return statusMB("VmHWM:") }
func restMB() float64 { return statusMB("VmRSS:") }

func statusMB(field string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if _, err := fmt.Sscanf(line, field+" %f kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}

func sizeOf(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			n += info.Size()
		}
		return err
	})
	return n, err
}

// profiled writes a CPU profile until it is stopped, if one is asked for.
func (b *bed) profiled(ending string) (stop func(), err error) {
	if b.profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(b.profile + ending)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		f.Close()
	}, nil
}
