package archive

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive/warc"
)

// The process that is killed: it opens the archive in VEILLE_CRASH_DIR and
// adds captures and readings for as long as it lives. What it has been told to
// be durable it acknowledges, a line each:
//
//	checkpoint <base64>
//	kept <seq> <record id> <digest of the body> <page>
//	read <version> <digest of its text>
func TestCrashingProcess(t *testing.T) {
	dir := os.Getenv("VEILLE_CRASH_DIR")
	if dir == "" {
		t.Skip("the process that TestKilledAtRandom kills")
	}
	seed, err := strconv.ParseUint(os.Getenv("VEILLE_CRASH_SEED"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 7))
	acknowledge := func(format string, args ...any) {
		lines := fmt.Sprintf(format, args...) + "checkpoint " + base64.StdEncoding.EncodeToString(a.Checkpoint()) + "\n"
		os.Stdout.WriteString(lines)
	}
	acknowledge("")
	a.store.full = 50_000
	s, err := a.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for minute := int(s.Captures) * 2; ; {
		var cs []*Capture
		for range 1 + r.IntN(4) {
			minute += 2
			cs = append(cs, randomCapture(r, minute))
		}
		if err := a.Add(t.Context(), cs...); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, c := range cs {
			fmt.Fprintf(&b, "kept %d %s %s %s\n", c.Seq, c.RecordID, warc.Digest(c.Body), c.URL)
		}
		acknowledge("%s", b.String())
		if r.IntN(3) == 0 {
			crashingReads(t, a, acknowledge)
		}
	}
}

// randomCapture is a new text, a text that was there before, an answer without
// one, or a capture of long ago, of one of a few pages.
func randomCapture(r *rand.Rand, minute int) *Capture {
	url := fmt.Sprintf("https://example.org/%d", r.IntN(4))
	body := fmt.Sprintf("text %d %s", r.IntN(5), strings.Repeat("und so weiter ", r.IntN(300)/100*100))
	switch r.IntN(8) {
	case 0:
		return answered(url, minute, "HTTP/1.1 304 Not Modified\r\n\r\n")
	case 1:
		return answered(url, minute, "HTTP/1.1 503 Later\r\nContent-Length: 0\r\n\r\n")
	case 2: // at odd minutes nothing else was
		c := capture(url, 2*r.IntN(minute+1)+1-2*minute, body)
		c.Origin = Imported
		return c
	}
	return capture(url, minute, body)
}

// crashingReads reads what has not been read, as package extract does.
func crashingReads(t *testing.T, a *Archive, acknowledge func(format string, args ...any)) {
	after, err := a.Cursor(t.Context(), Extract)
	if err != nil {
		t.Fatal(err)
	}
	upto := after
	var rs []Reading
	for c, err := range a.Captures(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		if upto = c.Seq; c.Same && !c.Late || c.Status == 304 {
			continue
		}
		whole, err := a.Capture(t.Context(), c.Seq)
		if err != nil {
			t.Fatal(err)
		}
		if c.Status != 200 {
			rs = append(rs, Reading{Capture: c.Seq, Class: Error, Reason: "no good"})
		} else {
			rs = append(rs, content(c, "Always here.", string(whole.Body)))
		}
	}
	added, err := a.AddReadings(t.Context(), upto, rs)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, v := range added {
		fmt.Fprintf(&b, "read %d %s\n", v.ID, textDigest(v))
	}
	acknowledge("%s", b.String())
}

// A witness remembers what was acknowledged.
type witness struct {
	dir         string
	kept        map[Seq][3]string // record id, digest, page
	read        map[Seq]string
	checkpoints []string
	killed      int
}

// watch runs the process until it is killed, at a random moment of its life.
func (w *witness) watch(t *testing.T, r *rand.Rand) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashingProcess$")
	cmd.Env = append(os.Environ(), "VEILLE_CRASH_DIR="+w.dir, "VEILLE_CRASH_SEED="+strconv.FormatUint(r.Uint64(), 10))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// In one of five runs it may be while the archive is being opened.
	wait, after := time.Duration(r.IntN(30_000))*time.Microsecond, r.IntN(12)-2
	kill := func() { time.AfterFunc(wait, func() { cmd.Process.Kill() }) }
	if after < 0 {
		kill()
	}
	lines := bufio.NewReader(out)
	for said := 0; ; {
		line, err := lines.ReadString('\n')
		if err != nil { // what was not said to the end was not said
			break
		}
		if strings.HasPrefix(line, "checkpoint ") {
			if said == after {
				kill()
			}
			said++
		}
		w.note(t, strings.Fields(line))
	}
	if err := cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the process ended by itself: %v", err)
	}
	w.killed++
}

func (w *witness) note(t *testing.T, f []string) {
	t.Helper()
	switch {
	case len(f) == 5 && f[0] == "kept":
		n, _ := strconv.Atoi(f[1])
		w.kept[Seq(n)] = [3]string{f[2], f[3], f[4]}
	case len(f) == 3 && f[0] == "read":
		n, _ := strconv.Atoi(f[1])
		w.read[Seq(n)] = f[2]
	case len(f) == 2 && f[0] == "checkpoint":
		b, err := base64.StdEncoding.DecodeString(f[1])
		if err != nil {
			t.Fatal(err)
		}
		w.checkpoints = append(w.checkpoints, string(b))
	case len(f) > 0 && f[0] != "PASS":
		t.Fatalf("the process says %q", f)
	}
}

// check opens the archive after the process was killed: all that was
// acknowledged is there and whole, and the log goes on from what it said.
func (w *witness) check(t *testing.T) {
	t.Helper()
	a, err := Open(w.dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for seq, want := range w.kept {
		c, err := a.Capture(t.Context(), seq)
		if err != nil {
			t.Fatalf("capture %d was acknowledged: %v", seq, err)
		}
		if c.RecordID != want[0] || c.URL != want[2] || !c.Unchanged() && warc.Digest(c.Body) != want[1] {
			t.Fatalf("capture %d is %s of %s, acknowledged was %v", seq, c.RecordID, c.URL, want)
		}
	}
	for id, want := range w.read {
		v, err := a.Version(t.Context(), id)
		if err != nil || textDigest(v) != want {
			t.Fatalf("version %d was acknowledged: %v", id, err)
		}
	}
	now, err := ParseCheckpoint(a.Checkpoint(), a.LogKey())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range w.checkpoints {
		old, err := ParseCheckpoint([]byte(text), a.LogKey())
		if err != nil {
			t.Fatal(err)
		}
		if old.Size == 0 || old.Size == now.Size && old.Root == now.Root {
			continue
		}
		if old.Size > now.Size {
			t.Fatalf("the log had %d entries, it has %d", old.Size, now.Size)
		}
		proof, err := tlog.ProveTree(now.Size, old.Size, hashReader(t.Context(), a.read))
		if err == nil {
			err = tlog.CheckTree(proof, now.Size, now.Root, old.Size, old.Root)
		}
		if err != nil {
			t.Fatalf("the log of %d entries does not go on from the one of %d: %v", now.Size, old.Size, err)
		}
	}
	w.checkpoints = w.checkpoints[max(0, len(w.checkpoints)-1):]
	if rep, err := a.Verify(t.Context()); err != nil || !rep.OK {
		t.Fatalf("after kill %d: verify %+v, %v", w.killed, rep, err)
	}
}

// TestKilledAtRandom kills a process that writes, 20 times or VEILLE_CRASHES,
// at random moments (kill -9), and finds nothing that was acknowledged lost.
func TestKilledAtRandom(t *testing.T) {
	kills := 20
	if s := os.Getenv("VEILLE_CRASHES"); s != "" {
		var err error
		if kills, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	if testing.Short() {
		kills = 5
	}
	r := rand.New(rand.NewPCG(uint64(kills), 11))
	const each = 20 // kills of one archive
	kept, read := 0, 0
	for done := 0; done < kills; {
		w := &witness{dir: t.TempDir(), kept: map[Seq][3]string{}, read: map[Seq]string{}}
		for range min(each, kills-done) {
			w.watch(t, r)
			w.check(t)
		}
		done += w.killed
		kept, read = kept+len(w.kept), read+len(w.read)
		a := open(t, w.dir)
		before := dumpTables(t, a)
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if err := Rebuild(t.Context(), w.dir, quiet(), false); err != nil {
			t.Fatal(err)
		}
		a = open(t, w.dir)
		if after := dumpTables(t, a); after != before {
			t.Errorf("the catalogue is not what a rebuild makes:\n%s", firstDifference(before, after))
		}
		a.Close()
	}
	t.Logf("%d kills: %d captures and %d versions acknowledged, none lost", kills, kept, read)
	if kills >= 20 && (kept < kills || read == 0) {
		t.Errorf("%d captures and %d versions were acknowledged: the processes hardly lived", kept, read)
	}
}

// dumpTables writes all of the catalogue that follows from the WARC files, row
// by row in the order of keys.
func dumpTables(t *testing.T, a *Archive) string {
	t.Helper()
	var b strings.Builder
	for _, table := range tables {
		rows, columns, err := openTable(t.Context(), a, table)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %v\n", table.name, columns)
		for rows.row != nil {
			fmt.Fprintf(&b, "%s %v\n", table.name, rows.row)
			if err := rows.next(); err != nil {
				t.Fatal(err)
			}
		}
		rows.rows.Close()
	}
	return b.String()
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "before " + x[i] + "\nafter  " + y[i]
		}
	}
	return fmt.Sprintf("%d rows before, %d after", len(x), len(y))
}
