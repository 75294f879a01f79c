package digest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// crashed is how a child says that it ended where it was told to.
const crashed = 42

// TestMain lets the test program be the program that is killed: see TestKilledAnywhere.
func TestMain(m *testing.M) {
	if os.Getenv("DIGEST_CRASH_DIR") != "" {
		m.Run() // only TestChild, as the parent asks
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// TestChild tells what is due, and ends without a word at the point it was given.
func TestChild(t *testing.T) {
	dir, point, address := os.Getenv("DIGEST_CRASH_DIR"), os.Getenv("DIGEST_CRASH_POINT"), os.Getenv("DIGEST_CRASH_SMTP")
	if dir == "" {
		t.Skip("only run by TestKilledAnywhere")
	}
	w := newWorld(t, dir)
	w.now = monday.Add(10 * time.Hour)
	smtp, err := NewSMTP("smtp://"+address, "veille@example.org")
	if err != nil {
		t.Fatal(err)
	}
	w.digest.Mailer = smtp
	seen := map[string]int{}
	w.digest.crash = func(p string) {
		seen[p]++
		if fmt.Sprint(p, " ", seen[p]) == point {
			os.Exit(crashed) // no deferred call runs: as killed
		}
	}
	if _, err := w.digest.Sync(t.Context(), Options{}); err != nil {
		t.Fatal(err)
	}
	w.close()
	os.Exit(0)
}

// Three readers are to be told two changes each. The program is killed at every
// point in turn, once for each letter, and started again until it is done. Each
// reader is told each change once; where the kill came after the letter was
// begun, at most once, and the operator is shown which.
func TestKilledAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program many times")
	}
	for _, point := range []string{"compose", "composed", "next", "ready", "begun", "handed over", "settled"} {
		times := 3
		if strings.HasPrefix(point, "compose") {
			times = 1 // all three are written down at once
		}
		for n := 1; n <= times; n++ {
			at := fmt.Sprint(point, " ", n)
			t.Run(at, func(t *testing.T) {
				t.Parallel()
				killedAt(t, at)
			})
		}
	}
}

func killedAt(t *testing.T, point string) {
	dir := t.TempDir()
	server := startSMTP(t, nil)
	w := newWorld(t, dir)
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	for i := range 3 {
		w.subscribed(Request{Email: fmt.Sprintf("reader%d@example.org", i)})
	}
	w.publish(centres, places("2")...)
	w.publish(hubs, places("2")...)
	w.close()
	for _, p := range []string{point, "", ""} { // killed; finishes; finds nothing more to do
		child := exec.Command(os.Args[0], "-test.run=^TestChild$")
		child.Env = append(os.Environ(), "DIGEST_CRASH_DIR="+dir, "DIGEST_CRASH_POINT="+p, "DIGEST_CRASH_SMTP="+server.addr)
		out, err := child.CombinedOutput()
		if code := child.ProcessState.ExitCode(); p != "" && code != crashed || p == "" && code != 0 {
			t.Fatalf("with %q: exit %d, %v\n%s", p, code, err, out)
		}
	}
	w = newWorld(t, dir)
	letters, err := w.store.Outbox(t.Context(), OutboxFilter{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "letters", len(letters), 3)
	arrived := map[string]int{}
	for _, m := range server.take() {
		if !bytes.Contains(m.raw, []byte("/change/1..3")) || !bytes.Contains(m.raw, []byte("/change/2..4")) {
			t.Errorf("a change is missing in the mail to %s", m.to)
		}
		arrived[m.to]++
	}
	uncertain := 0
	for _, m := range letters {
		switch m.State {
		case Sent:
			want(t, "arrived at "+m.To, arrived[m.To], 1)
		case Uncertain:
			uncertain++
			if arrived[m.To] > 1 || m.Error == "" {
				t.Errorf("uncertain letter arrived %d times; reason %q", arrived[m.To], m.Error)
			}
		default:
			t.Errorf("letter to %s is %s", m.To, m.State)
		}
	}
	maybe := strings.HasPrefix(point, "begun") || strings.HasPrefix(point, "handed over")
	want(t, "uncertain letters", uncertain, map[bool]int{false: 0, true: 1}[maybe])
}
