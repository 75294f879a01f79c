package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"veille/archive"
	"veille/diff"
)

// speed compares two states of the French code of 1,900 articles, the same ten
// times over, in processor time, and beside it git's word diff on the same text.
func speed(t *table, data string) error {
	l := &histories[slices.IndexFunc(histories, func(l law) bool { return l.name == "CESEDA" })]
	if _, err := os.Stat(filepath.Join(data, l.dir)); err != nil {
		fmt.Println("skipped: there is no fr-ceseda in the data folder")
		return nil
	}
	states, err := l.load(data)
	if err != nil {
		return err
	}
	states = states[len(states)-2:]
	var vs [2]*archive.Version
	for i, s := range states {
		if vs[i], err = l.version(data, s, nil); err != nil {
			return err
		}
	}
	old, new := vs[0], vs[1]
	what := fmt.Sprintf("CESEDA %s to %s, %d KB a side", states[0].name(), states[1].name(), textSize(old)>>10)
	ours := median(15, func() { diff.Between(old, new) })
	t.row(what, ours.Round(100*time.Microsecond).String(), "<= 100ms", ours <= 100*time.Millisecond)
	if git, err := gitTime(old, new); err != nil {
		t.note("git diff --word-diff --histogram", "not there")
	} else {
		t.row("git diff --word-diff --histogram, a sentence a line", git.Round(100*time.Microsecond).String(), ">= ours", git >= ours)
	}
	old10, new10 := times(old, 10), times(new, 10)
	ten := median(5, func() { diff.Between(old10, new10) })
	ratio := float64(ten) / float64(ours)
	t.row("ten times the text", fmt.Sprintf("%s = %.1f x", ten.Round(time.Millisecond), ratio), "<= 12 x", ratio <= 12)
	peak := peakMemory(func() { diff.Between(old, new) })
	times := float64(peak) / float64(textSize(old)+textSize(new))
	t.row("peak memory beyond the two texts", fmt.Sprintf("%d KB = %.1f x", peak>>10, times), "<= 5 x", times <= 5)
	x, y := oneWordBlocks(7919), oneWordBlocks(104729)
	start := processorTime()
	diff.Between(x, y)
	many := processorTime() - start
	t.row("a million blocks of one word, shuffled", many.Round(10*time.Millisecond).String(), "<= 60s", many <= 60*time.Second)
	return nil
}

// oneWordBlocks is a page of a million blocks of one word in some order.
func oneWordBlocks(step int) *archive.Version {
	const n = 1_000_000
	v := &archive.Version{Lang: "en", Blocks: make([]archive.Block, n)}
	for i := range v.Blocks {
		v.Blocks[i] = archive.Block{Role: archive.Main, Text: fmt.Sprint("w", i*step%n)}
	}
	return v
}

func textSize(v *archive.Version) int {
	n := 0
	for i := range v.Blocks {
		n += len(v.Blocks[i].Text)
	}
	return n
}

// median is the processor time of the middle one of some runs, each with a heap
// that has been cleared: what else the machine does is not in it, but the
// collector's own work is.
func median(runs int, f func()) time.Duration {
	f() // warm
	took := make([]time.Duration, runs)
	for i := range took {
		runtime.GC()
		start := processorTime()
		f()
		took[i] = processorTime() - start
	}
	slices.Sort(took)
	return took[runs/2]
}

// processorTime is what the process has taken so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// times is a version n times over, each copy with words of its own.
func times(v *archive.Version, n int) *archive.Version {
	out := *v
	out.Blocks = nil
	for i := range n {
		for _, b := range v.Blocks {
			b.Text = fmt.Sprintf("%s %c%[2]c%[2]c", b.Text, 'a'+i)
			out.Blocks = append(out.Blocks, b)
		}
	}
	return &out
}

// peakMemory is how much the heap grows at most while f runs.
func peakMemory(f func()) uint64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, peak := m.HeapAlloc, m.HeapAlloc
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			case <-time.After(200 * time.Microsecond):
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
	}()
	f()
	close(done)
	<-stopped
	return peak - base
}

// gitTime is the processor time of git's word diff of the same two texts.
func gitTime(old, new *archive.Version) (time.Duration, error) {
	dir, err := os.MkdirTemp("", "veille-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	for name, v := range map[string]*archive.Version{"old": old, "new": new} {
		var b strings.Builder
		for i := range v.Blocks {
			b.WriteString(strings.ReplaceAll(v.Blocks[i].Text, ". ", ".\n") + "\n")
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600); err != nil {
			return 0, err
		}
	}
	var failed error
	var took []time.Duration
	for range 15 {
		cmd := exec.Command("git", "diff", "--no-index", "--word-diff", "--histogram", "old", "new")
		cmd.Dir = dir
		if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 { // 1: they differ
			failed = err
		} else {
			took = append(took, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		}
	}
	if failed != nil {
		return 0, failed
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}
