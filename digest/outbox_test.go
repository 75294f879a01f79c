package digest

import (
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"testing"
	"time"
)

func TestAServerThatIsDown(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	w.publish(centres, places("2")...)
	w.mailer.fails = func(*Mail) error { return fmt.Errorf("%w: connection refused", ErrUnreachable) }
	w.sync()
	want(t, "outbox", w.states(), "digest queued")
	// More happens meanwhile; the reader gets no second letter before the first.
	w.publish(centres, places("3")...)
	w.sync()
	want(t, "outbox", w.states(), "digest queued")
	w.mailer.fails = nil
	w.pass(longWait)
	want(t, "changes", changes(w.sync()), "1..2, 2..3")
}

func TestTryingAgainTakesLongerEachTime(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	w.publish(centres, places("2")...)
	var tries int
	w.mailer.fails = func(*Mail) error { tries++; return fmt.Errorf("%w: 451 busy", ErrTemporary) }
	begin := w.time()
	for w.time().Before(begin.Add(16 * time.Minute)) {
		w.sync()
		w.pass(30 * time.Second)
	}
	want(t, "tries in 16 minutes", tries, 5) // after 0, 1, 3, 7, 15 minutes
	if _, err := w.digest.Sync(t.Context(), Options{Now: true}); err != nil {
		t.Fatal(err)
	}
	want(t, "tries when told to", tries, 7) // before and after composing
	m, _ := w.store.Mail(t.Context(), 1)
	want(t, "reason", m.Error, "the mail server asks to try again later: 451 busy")
}

func TestARefusal(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	w.subscribed(Request{Email: "other@example.org"})
	w.publish(centres, places("2")...)
	w.mailer.fails = func(m *Mail) error {
		if m.To == "reader@example.org" {
			return fmt.Errorf("%w: 550 no such user", ErrRefused)
		}
		return nil
	}
	want(t, "others are told", len(w.sync()), 1)
	want(t, "outbox", w.states(), "digest failed, digest sent")
	w.publish(centres, places("3")...)
	w.pass(48 * time.Hour)
	w.sync()
	want(t, "nothing more to a refused address", w.states(), "digest failed, digest sent, digest sent")
	// The operator puts it right.
	w.mailer.fails = nil
	if err := w.store.Retry(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	want(t, "changes", changes(w.sync()), "1..2, 2..3")
	if err := w.store.Retry(t.Context(), 1); err == nil {
		t.Error("a sent letter can be queued again")
	}
	if err := w.store.Drop(t.Context(), 99); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("unknown letter: %v", err)
	}
}

func TestGivingUpALetter(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	w.publish(centres, places("2")...)
	w.mailer.fails = func(*Mail) error { return ErrRefused }
	w.sync()
	w.mailer.fails = nil
	if err := w.store.Drop(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	w.publish(centres, places("3")...)
	want(t, "changes", changes(w.sync()), "2..3")
}

// An error that says nothing is taken for the worst: it may have arrived.
func TestAnUnclearFailureIsNotRepeated(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	w.subscribed(Request{})
	w.publish(centres, places("2")...)
	w.mailer.fails = func(*Mail) error { return errors.New("the line went dead") }
	w.sync()
	w.mailer.fails = nil
	w.pass(48 * time.Hour)
	want(t, "sent again", len(w.sync()), 0)
	want(t, "outbox", w.states(), "digest uncertain")
	w.publish(centres, places("3")...)
	want(t, "what follows", changes(w.sync()), "2..3")
	if err := w.store.Retry(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	want(t, "on the operator's word", changes(w.sync()), "1..2")
}

func TestStoppingDropsWhatWaits(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	s := w.subscribed(Request{})
	w.publish(centres, places("2")...)
	w.mailer.fails = func(*Mail) error { return ErrUnreachable }
	w.sync()
	w.mailer.fails = nil
	if _, err := w.digest.Stop(t.Context(), w.store.token(forStop, s.ID)); err != nil {
		t.Fatal(err)
	}
	w.pass(48 * time.Hour)
	want(t, "mails", len(w.sync()), 0)
	want(t, "outbox", w.states(), "digest dropped")
	if err := w.store.Retry(t.Context(), 1); err == nil {
		t.Error("an erased letter can be queued again")
	}
}

// Everybody does everything at once: every reader is told each change once.
func TestAllAtOnce(t *testing.T) {
	w := start(t)
	w.publish(centres, places("1")...)
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			s, err := w.digest.AddConfirmed(t.Context(), Request{Email: fmt.Sprintf("reader%d@example.org", i), Settings: Settings{Cadence: Now}})
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := w.digest.Subscribe(t.Context(), Request{Email: fmt.Sprintf("asker%d@example.org", i)}); err != nil {
				t.Error(err)
			}
			w.store.List(t.Context())
			w.store.Outbox(t.Context(), OutboxFilter{Limit: 5})
			if i%4 == 0 {
				w.digest.Stop(t.Context(), w.store.token(forStop, s.ID))
			}
		})
	}
	readers.Wait()
	w.publish(centres, places("2")...)
	var syncs sync.WaitGroup
	for range 4 {
		syncs.Go(func() {
			if _, err := w.digest.Sync(t.Context(), Options{}); err != nil {
				t.Error(err)
			}
			if _, err := w.digest.Send(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	syncs.Wait()
	count := map[string]int{}
	for _, m := range w.mailer.take() {
		count[m.Kind]++
	}
	want(t, "confirmations", count[KindConfirm], 8)
	want(t, "digests", count[KindDigest], 6)
}
