// Command evidence measures the archive as evidence, each number beside the
// limit that the machine sets, in one run:
//
//	go run ./bench/evidence [-n 5000] [-import 12000]
//
// It keeps n pages of about 60 KB, in batches of one, of sixteen and of
// sixty-four, beside gzip of the same bytes and a plain copy of them, both
// synced as often; takes in a WARC file of another tool; verifies and rebuilds,
// beside decompressing the same files, alone and with SHA-256 over what comes
// out; and says what an unchanged look costs on disk, and what the versions of
// a law do (skipped if VEILLE_DATA does not name a folder with them).
//
// Each row is a process of its own; wall time and peak memory are the
// system's word for that process.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	n := flag.Int("n", 5000, "pages that are kept")
	imported := flag.Int("import", 12000, "records of the WARC file that is taken in: a request and an answer for each page")
	child := flag.String("child", "", "what this process measures; set by the benchmark itself")
	flag.Parse()
	if *child != "" {
		if err := measured(*child, flag.Args()); err != nil {
			log.Fatal(*child, ": ", err)
		}
		return
	}
	if err := run(*n, *imported); err != nil {
		log.Fatal(err)
	}
}

// A result is what one process did, and what that took.
type result struct {
	Captures int64         // captures or records
	Bytes    int64         // that it dealt with
	Took     time.Duration // of the work alone, without what it was made ready for
	cpu      time.Duration // of the whole process
	rss      int64
}

// measure runs a row in a process of its own.
func measure(what string, args ...string) (*result, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, append([]string{"-child", what}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	r := &result{}
	if err := json.Unmarshal(out, r); err != nil {
		return nil, fmt.Errorf("%s says %q: %w", what, out, err)
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.rss, r.cpu = int64(u.Maxrss)<<10, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	}
	return r, nil
}

// row prints one line; limit is what it is set beside, nil for none.
func row(name string, r, limit *result) {
	s := r.Took.Seconds()
	beside := ""
	if limit != nil {
		beside = fmt.Sprintf("%.2f", (float64(r.Bytes)/s)/(float64(limit.Bytes)/limit.Took.Seconds()))
	}
	fmt.Printf("%-40s %8.0f %8.1f %8.2f %8.2f %8.2f %8.0f %8s\n", name, float64(r.Captures)/s, float64(r.Bytes)/s/1e6, float64(r.Bytes)/s*60/1e9, s, r.cpu.Seconds(),
		float64(r.rss)/(1<<20), beside)
}

func heading(title string) {
	fmt.Printf("\n%-40s %8s %8s %8s %8s %8s %8s %8s\n", title, "per s", "MB/s", "GB/min", "wall s", "cpu s", "peak MB", "of limit")
}

func run(n, imported int) error {
	dir, err := os.MkdirTemp("", "veille-evidence-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	count := fmt.Sprint(n)
	heading(fmt.Sprintf("keep %d pages of 60 KB", n))
	gzip, err := measure("gzip", dir, count)
	if err != nil {
		return err
	}
	row("limit: gzip of the same bytes", gzip, nil)
	plain, err := measure("copy", dir, count)
	if err != nil {
		return err
	}
	row("plain copy", plain, nil)
	for _, batch := range []string{"1", "16", "64"} {
		r, err := measure("add", filepath.Join(dir, "add"+batch), count, batch)
		if err != nil {
			return err
		}
		row("add, "+batch+" at a time", r, gzip)
	}
	again, err := measure("add", filepath.Join(dir, "add64"), count, "64")
	if err != nil {
		return err
	}
	row("add again, unchanged, 64 at a time", again, nil)
	data := filepath.Join(dir, "add64")
	if err := readBack(data); err != nil {
		return err
	}
	if err := takeIn(dir, imported); err != nil {
		return err
	}
	return storage(dir)
}

// readBack measures verify and rebuild.
func readBack(data string) error {
	heading("read back, unpacked")
	gunzip, err := measure("gunzip", data)
	if err != nil {
		return err
	}
	row("limit: gunzip of the same files", gunzip, nil)
	hashed, err := measure("gunzip+sha256", data)
	if err != nil {
		return err
	}
	row("limit: gunzip and SHA-256", hashed, nil)
	for _, what := range []string{"verify", "rebuild"} {
		r, err := measure(what, data)
		if err != nil {
			return err
		}
		r.Bytes = gunzip.Bytes
		row(what, r, hashed)
	}
	return nil
}

// takeIn measures the import of a WARC file.
func takeIn(dir string, records int) error {
	heading(fmt.Sprintf("import a WARC file of %d records", records))
	file := filepath.Join(dir, "other.warc.gz")
	made, err := measure("make", file, fmt.Sprint(records/2))
	if err != nil {
		return err
	}
	row("limit: writing that file", made, nil)
	data := filepath.Join(dir, "imported")
	for _, name := range []string{"import", "import again: all are duplicates"} {
		r, err := measure("import", data, file)
		if err != nil {
			return err
		}
		r.Bytes = made.Bytes
		row(name, r, made)
	}
	return nil
}

// storage measures what unchanged looks and versions cost on disk.
func storage(dir string) error {
	fmt.Printf("\n%-44s %10s\n", "on disk", "bytes")
	for _, kind := range []string{"short", "long", "304"} {
		each, err := unchanged(filepath.Join(dir, "unchanged"+kind), kind)
		if err != nil {
			return err
		}
		fmt.Printf("%-44s %10d   (WARC, catalogue and log; limit 1024)\n", "an unchanged look, "+kind+" answer", each)
	}
	root := os.Getenv("VEILLE_DATA")
	if root == "" {
		fmt.Println("versions of a law: skipped, VEILLE_DATA does not name a folder with the data sets")
		return nil
	}
	return law(dir, filepath.Join(root, "be-fr-loi-1999-04-29", "versions"))
}
