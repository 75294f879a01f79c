package digest

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/mail"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestBusyChild publishes a change, tells it to everybody, and begins again,
// until it is killed or has done so many rounds.
func TestBusyChild(t *testing.T) {
	dir, address := os.Getenv("DIGEST_CRASH_DIR"), os.Getenv("DIGEST_CRASH_SMTP")
	if dir == "" {
		t.Skip("only run by TestKilledUnderLoad")
	}
	rounds, err := strconv.Atoi(os.Getenv("DIGEST_CRASH_ROUNDS"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, dir)
	if w.digest.Mailer, err = NewSMTP("smtp://"+address, "veille@example.org"); err != nil {
		t.Fatal(err)
	}
	fmt.Println("busy")
	for range rounds {
		stats, err := w.archive.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.now = monday.Add(time.Duration(stats.Captures) * time.Hour)
		// In words: a figure alone that is another every two hours for days is a counter, and not told.
		word := strings.Map(func(digit rune) rune { return digit - '0' + 'k' }, fmt.Sprint(1000+stats.Captures))
		w.publish([]string{centres, hubs}[stats.Captures%2], places(word+" new")...)
		if _, err := w.digest.Sync(t.Context(), Options{}); err != nil {
			t.Fatal(err)
		}
	}
	w.close()
	os.Exit(0)
}

// The program is killed again and again at moments that nobody chose, while it
// composes and sends. At the mail server every reader has been told every change
// once, but for digests of which nobody can know: those were not sent again, and
// a later one says what they told. VEILLE_KILLS=200 is the measure.
func TestKilledUnderLoad(t *testing.T) {
	kills, err := strconv.Atoi(os.Getenv("VEILLE_KILLS"))
	if err != nil {
		kills = 6
	}
	if testing.Short() {
		t.Skip("starts the program many times")
	}
	const readers = 12
	dir := t.TempDir()
	server := startSMTP(t, nil)
	w := newWorld(t, dir)
	w.publish(centres, places("1")...)
	w.publish(hubs, places("1")...)
	for i := range readers {
		email := fmt.Sprintf("reader%d@example.org", i)
		w.subscribed(Request{Email: email})
		w.subscribed(Request{Email: email, Filter: Filter{Sources: []string{"be-ministry"}}})
	}
	w.close()
	for range kills {
		child := busyChild(t, dir, server.addr, 1000)
		time.Sleep(time.Duration(rand.Int64N(int64(400 * time.Millisecond)))) // a moment that nobody chose
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait()
	}
	if err := busyChild(t, dir, server.addr, 2).Wait(); err != nil { // on both pages, so that every reader gets a digest more
		t.Fatal(err)
	}
	w = newWorld(t, dir)
	letters, err := w.store.Outbox(t.Context(), OutboxFilter{})
	if err != nil {
		t.Fatal(err)
	}
	uncertain := 0
	for _, m := range letters {
		if m.State == Uncertain {
			uncertain++
		} else if m.State != Sent {
			t.Errorf("letter %d is %s: %s", m.ID, m.State, m.Error)
		}
	}
	got := sortedOut(t, server.take())
	chains := w.chains()
	arrivedUnsure := 0
	for i := range readers {
		arrivedUnsure += got[fmt.Sprintf("reader%d@example.org", i)].check(t, chains)
	}
	t.Logf("killed %d times: %d letters to %d readers over %d versions; %d uncertain, of whose steps %d had arrived all the same",
		kills, len(letters), readers, len(chains[0])+len(chains[1]), uncertain, arrivedUnsure)
}

// busyChild starts the program and waits until it is at work.
func busyChild(t *testing.T, dir, smtp string, rounds int) *exec.Cmd {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestBusyChild$")
	child.Env = append(os.Environ(), "DIGEST_CRASH_DIR="+dir, "DIGEST_CRASH_SMTP="+smtp, fmt.Sprint("DIGEST_CRASH_ROUNDS=", rounds))
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == "busy" {
			return child
		}
	}
	t.Fatalf("the program ended before it began: %v", child.Wait())
	return nil
}

// chains are the versions of each page, oldest first.
func (w *world) chains() (chains [][]int64) {
	w.Helper()
	for _, url := range []string{centres, hubs} {
		page, err := w.archive.Page(w.Context(), url)
		if err != nil {
			w.Fatal(err)
		}
		history, err := w.archive.History(w.Context(), page.ID)
		if err != nil {
			w.Fatal(err)
		}
		var chain []int64
		for _, v := range history {
			chain = append(chain, int64(v.ID))
		}
		chains = append(chains, chain)
	}
	return chains
}

// A pile is what a reader has received: what was told, and what later mails say
// may be missing.
type pile struct {
	told, missed []string
	ids          map[string]bool
}

// sortedOut sorts mails by reader, and reads in each what it tells.
func sortedOut(t *testing.T, mails []received) map[string]*pile {
	t.Helper()
	change := regexp.MustCompile(`/change/(\d+\.\.\d+)`)
	piles := map[string]*pile{}
	for _, m := range mails {
		msg, err := mail.ReadMessage(strings.NewReader(string(m.raw)))
		if err != nil {
			t.Fatal(err)
		}
		p := piles[m.to]
		if p == nil {
			p = &pile{ids: map[string]bool{}}
			piles[m.to] = p
		}
		id := msg.Header.Get("Message-ID")
		if p.ids[id] {
			t.Errorf("%s received %s twice", m.to, id)
		}
		p.ids[id] = true
		text, _, _ := strings.Cut(strings.ReplaceAll(string(m.raw), "=\r\n", ""), "Content-Type: text/html")
		told, missed, _ := strings.Cut(text, "A mail that you may not have received")
		for _, c := range change.FindAllStringSubmatch(told, -1) {
			p.told = append(p.told, c[1])
		}
		for _, c := range change.FindAllStringSubmatch(missed, -1) {
			p.missed = append(p.missed, c[1])
		}
	}
	return piles
}

// check holds a pile against the pages: each step of each page is in one mail
// and no more, or is said to be in one that may be missing. It returns how many
// of the latter arrived all the same.
func (p *pile) check(t *testing.T, chains [][]int64) (arrived int) {
	t.Helper()
	if p == nil {
		t.Fatal("a reader has received nothing")
	}
	cover := func(chain []int64, list []string) []int {
		count := make([]int, len(chain)-1)
		for _, c := range list {
			var from, to int64
			fmt.Sscanf(c, "%d..%d", &from, &to)
			i, j := slices.Index(chain, from), slices.Index(chain, to)
			if i < 0 || j < 0 {
				continue // of the other page
			}
			for ; i < j; i++ {
				count[i]++
			}
		}
		return count
	}
	for _, chain := range chains {
		told, missed := cover(chain, p.told), cover(chain, p.missed)
		for i := range told {
			switch {
			case told[i] > 1:
				t.Errorf("step %d..%d was told %d times", chain[i], chain[i+1], told[i])
			case told[i] == 0 && missed[i] == 0:
				t.Errorf("step %d..%d is missing", chain[i], chain[i+1])
			case told[i] == 1 && missed[i] > 0:
				arrived++
			}
		}
	}
	return arrived
}
