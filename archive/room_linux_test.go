package archive

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"veille/archive/warc"
)

// TestProcessWithoutRoom is the process of TestAFullDisk: no file of its may
// grow beyond VEILLE_ROOM bytes. It goes on for a while after the first
// failure, then ends in good order.
func TestProcessWithoutRoom(t *testing.T) {
	room, err := strconv.ParseUint(os.Getenv("VEILLE_ROOM"), 10, 64)
	if err != nil {
		t.Skip("the process of TestAFullDisk")
	}
	signal.Ignore(syscall.SIGXFSZ) // an error is returned instead
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: room}); err != nil {
		t.Skip(err)
	}
	a, err := Open(os.Getenv("VEILLE_CRASH_DIR"), quiet())
	if err != nil {
		fmt.Println("full", strings.ReplaceAll(err.Error(), "\n", " "))
		return
	}
	defer a.Close()
	r := rand.New(rand.NewPCG(room, 1))
	acknowledge := func(format string, args ...any) {
		fmt.Printf(format+"checkpoint %s\n", append(args, base64.StdEncoding.EncodeToString(a.Checkpoint()))...)
	}
	acknowledge("")
	for minute, failed := 0, 0; failed < 5 && minute < 4000; minute += 2 {
		c := randomCapture(r, minute)
		body := make([]byte, room/16) // that does not compress
		for i := range body {
			body[i] = byte(r.Uint32())
		}
		if minute%6 == 0 {
			c = capture(c.URL, minute, base64.StdEncoding.EncodeToString(body))
		}
		if err := a.Add(t.Context(), c); err != nil {
			failed++
			fmt.Println("full", strings.ReplaceAll(err.Error(), "\n", " "))
			if errors.Is(err, ErrLogBroken) {
				t.Fatal(err)
			}
			continue
		}
		acknowledge("kept %d %s %s %s\n", c.Seq, c.RecordID, warc.Digest(c.Body), c.URL)
	}
}

// TestAFullDisk: at whatever byte the disk is full, what cannot be kept is
// said and not kept, and once there is room everything goes on.
func TestAFullDisk(t *testing.T) {
	for _, limit := range []int{1_000, 60_000, 260_000, 330_000, 6_000_000} {
		dir := t.TempDir()
		w := &witness{dir: dir, kept: map[Seq][3]string{}, read: map[Seq]string{}}
		cmd := exec.Command(os.Args[0], "-test.run=^TestProcessWithoutRoom$")
		cmd.Env = append(os.Environ(), "VEILLE_CRASH_DIR="+dir, fmt.Sprintf("VEILLE_ROOM=%d", limit))
		out, err := cmd.Output()
		if err != nil {
			if s := string(out); strings.Contains(s, "SKIP") {
				t.Skip("files cannot be limited here")
			}
			t.Fatalf("room for %d bytes: %v\n%s", limit, err, out)
		}
		full := false
		for line := range strings.Lines(string(out)) {
			if f := strings.Fields(line); len(f) > 0 && f[0] == "full" {
				full = true
				if !strings.Contains(line, "file too large") && !strings.Contains(line, "disk I/O error") {
					t.Errorf("room for %d bytes: %s", limit, line)
				}
			} else {
				w.note(t, f)
			}
		}
		if !full {
			t.Errorf("room for %d bytes: nothing was said", limit)
		}
		w.check(t)
		a := open(t, dir)
		add(t, a, capture("https://example.org/0", 1_000_000, "there is room again"))
		sound(t, a)
		a.Close()
		if limit > 1_000_000 && len(w.kept) < 5 {
			t.Errorf("room for %d bytes: %d captures were kept", limit, len(w.kept))
		}
		t.Logf("room for %d bytes a file: %d captures kept", limit, len(w.kept))
	}
}
