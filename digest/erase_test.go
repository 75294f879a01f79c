package digest

import (
	"fmt"
	"testing"
	"time"
)

// Who erases everything leaves no address behind, not even where a mail server
// quoted it.
func TestErasedIsErased(t *testing.T) {
	w := start(t)
	w.publish(centres, places("751")...)
	s := w.subscribed(Request{Email: "secret.reader@example.org"})
	w.publish(centres, places("1 145")...)
	w.mailer.fails = func(m *Mail) error { return fmt.Errorf("%w: broken off after RCPT TO:<%s>", ErrUncertain, m.To) }
	w.sync()
	if err := w.store.Erase(t.Context(), w.store.token(forManage, s.Person)); err != nil {
		t.Fatal(err)
	}
	rows, err := w.store.read.QueryContext(t.Context(), `SELECT recipient || subject || text || html || error FROM letter UNION ALL SELECT email || email_key FROM person`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var left string
		if err := rows.Scan(&left); err != nil {
			t.Fatal(err)
		}
		if n++; left != "" {
			t.Errorf("left behind: %q", left)
		}
	}
	if err := rows.Err(); err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
}

// Who erases everything while a digest is on its way gets no other, and what the
// mail server says of it afterwards is not kept.
func TestErasedWhileADigestIsOnItsWay(t *testing.T) {
	for _, c := range []struct {
		answer error
		states string
	}{{ErrTemporary, "digest dropped"}, {ErrAddress, "digest failed"}, {ErrUncertain, "digest uncertain"}, {nil, "digest sent"}} {
		t.Run(fmt.Sprint(c.answer), func(t *testing.T) {
			w := start(t)
			w.publish(centres, places("751")...)
			s := w.subscribed(Request{Email: "secret.reader@example.org"})
			w.publish(centres, places("1 145")...)
			w.mailer.fails = func(m *Mail) error {
				if err := w.store.Erase(t.Context(), w.store.token(forManage, s.Person)); err != nil {
					t.Fatal(err)
				}
				if c.answer == nil {
					return nil
				}
				return fmt.Errorf("%w: <%s> is not served", c.answer, m.To)
			}
			w.sync()
			want(t, "letters", w.states(), c.states)
			letters, err := w.store.Outbox(t.Context(), OutboxFilter{})
			if err != nil {
				t.Fatal(err)
			}
			want(t, "what the server said", letters[0].Error, "")
			w.mailer.fails = nil
			w.pass(48 * time.Hour)
			want(t, "mails afterwards", len(w.sync()), 0)
		})
	}
}
