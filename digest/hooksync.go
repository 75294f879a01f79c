package digest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"veille/archive"
	"veille/index"
)

// What telling hooks may cost: so many at a time, each for so long in one pass;
// and for how long what a receiver does not take is tried again.
const (
	hooksAtOnce = 8
	hookShare   = time.Minute
	hookPatient = 5 * 24 * time.Hour
)

// A HookReport is what SyncHooks did.
type HookReport struct {
	Found   int `json:"found"`   // changes and other news written down to be told, counted once a hook
	Sent    int `json:"sent"`    // that were taken
	Waiting int `json:"waiting"` // attempts that failed, and are made again
	Failed  int `json:"failed"`  // changes given up
}

// SyncHooks tells hooks what changed since they were last told, and once an hour
// what else is new: drifts, and sources that cannot be read. What is found is
// written down first, with the place up to which was looked, in one transaction;
// then it is sent, in order. A receiver that does not take a message is asked
// again after growing pauses for five days; what comes after waits. Killed at
// any moment nothing is lost; what was on its way is sent again under the same
// webhook-id. Receivers that hang cost a minute and 15 seconds a pass at most,
// eight of them at a time.
func (d *Digester) SyncHooks(ctx context.Context) (*HookReport, error) {
	d.tellTime()
	d.Store.hooking.Lock()
	defer d.Store.hooking.Unlock()
	r := &HookReport{}
	list, err := hooks(ctx, d.Store.read, `h.stopped = 0`)
	if err != nil || len(list) == 0 {
		return r, err
	}
	if err := d.findForHooks(ctx, list, r); err != nil {
		return r, err
	}
	if err := d.noticesForHooks(ctx, list, r); err != nil {
		return r, err
	}
	each := make([]HookReport, len(list))
	var all errgroup.Group
	all.SetLimit(hooksAtOnce)
	for i, h := range list {
		all.Go(func() error { return d.tellHook(ctx, h, &each[i]) })
	}
	err = all.Wait()
	for _, one := range each {
		r.Sent += one.Sent
		r.Waiting += one.Waiting
		r.Failed += one.Failed
	}
	return r, err
}

// findForHooks writes down what hooks are to be told.
func (d *Digester) findForHooks(ctx context.Context, list []*Hook, r *HookReport) error {
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return fmt.Errorf("hooks: %w", err)
	}
	n := newNews(d, stats.LatestVersion)
	watches, after := make([]*watch, len(list)), map[archive.Seq]bool{}
	var each []*watch // once, however many hooks share a filter
	for i, h := range list {
		watches[i], err = n.watch(ctx, h.Filter)
		if wrong := (*index.QueryError)(nil); errors.As(err, &wrong) {
			d.Log.Error("webhook waits: its search cannot be read any more; remove it, and add it anew", "hook", h.ID, "err", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("hook %d: %w", h.ID, err)
		}
		after[h.upto] = true
		if !slices.Contains(each, watches[i]) {
			each = append(each, watches[i])
		}
	}
	for seq := range after {
		if err := n.sift(ctx, each, seq); err != nil {
			return fmt.Errorf("hooks: %w", err)
		}
	}
	for i, h := range list {
		if h.upto >= n.upto || watches[i] == nil {
			continue
		}
		var found []*change
		if hits := watches[i].hits[h.upto]; hits != nil {
			found = hits.told
		}
		if err := d.writeForHook(ctx, h, found, n.upto); err != nil {
			return fmt.Errorf("hook %d: %w", h.ID, err)
		}
		r.Found += len(found)
	}
	return nil
}

// writeForHook writes down which changes a hook is to be told, and how far was
// looked.
func (d *Digester) writeForHook(ctx context.Context, h *Hook, found []*change, upto archive.Seq) error {
	messages := make([]parcel, len(found))
	for i, c := range found {
		body, err := d.hookBody(ctx, h, c)
		if err != nil {
			return err
		}
		messages[i] = parcel{c.id(), body}
	}
	return d.Store.queue(ctx, h, messages, `UPDATE hook SET upto = $1 WHERE id = $2`, int64(upto))
}

// A parcel is what a hook is told, with the name that the ledger knows it by.
type parcel struct{ change, body string }

// queue writes down what a hook is to be told, and how far was looked, in one
// transaction. What it was told before is not written again.
func (s *Store) queue(ctx context.Context, h *Hook, messages []parcel, place string, upto int64) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, m := range messages {
			_, err := tx.ExecContext(ctx, `INSERT INTO delivery (hook, change, body, state, created) VALUES ($1, $2, $3, 'queued', $4) ON CONFLICT DO NOTHING`,
				h.ID, m.change, m.body, ms(s.now()))
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, place, upto, h.ID)
		return err
	})
}

func (r run) id() string { return fmt.Sprintf("%d..%d", r.from, r.to) }

// A hookEvent is what a webhook gets, as Standard Webhooks recommends.
type hookEvent struct {
	Type      string    `json:"type"` // "change", "drift", "health" or "test"
	Timestamp time.Time `json:"timestamp"`
	Data      any       `json:"data"` // of a change: as in the list of changes; of a drift or of health: a [hookNotice]
}

// hookBody is what a hook is told of a change: a document for a webhook, a line
// for a chat.
func (d *Digester) hookBody(ctx context.Context, h *Hook, c *change) (string, error) {
	if !h.Web() {
		base, err := baseURL(d.BaseURL)
		if err != nil {
			return "", err
		}
		return chatLine(c, h.Lang, base.JoinPath("change", c.id()).String()), nil
	}
	doc, err := d.Document(ctx, c.from, c.to, h.Lang)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(hookEvent{"change", d.Store.now(), doc})
	return string(b), err
}

// chatLine is one line about a change. Nothing in it calls anybody: an @ is
// followed by a space that is not seen.
func chatLine(c *change, lang, link string) string {
	text := oneLine(c.page.Title, 150)
	if s := c.summary[lang]; s != "" {
		text += ": " + oneLine(s, 500)
	}
	return quiet(text) + " " + link
}

func quiet(text string) string { return strings.ReplaceAll(text, "@", "@\u200b") }

// A delivery is one message to a hook.
type delivery struct {
	id, attempts int64
	change, body string
	created      time.Time
}

// tellHook sends what waits for one hook, in order, until something is not
// taken or its time in this pass is over.
func (d *Digester) tellHook(ctx context.Context, h *Hook, r *HookReport) error {
	until := time.Now().Add(hookShare) // not the store's clock: it is the wire that takes time
	for ctx.Err() == nil && time.Now().Before(until) {
		m, err := d.Store.nextDelivery(ctx, h.ID)
		if err != nil || m == nil {
			return err
		}
		err = d.handOver(context.WithoutCancel(ctx), h, m.change, m.body)
		d.at("handed over to hook")
		if done, err := d.settleDelivery(ctx, h, m, err, r); err != nil || !done {
			return err
		}
	}
	return nil
}

// handOver sends one message.
func (d *Digester) handOver(ctx context.Context, h *Hook, change, body string) error {
	if !h.Web() {
		return d.postman().chat(h.URL, body)
	}
	return d.postman().post(ctx, h.URL, d.Store.HookSecret(h.ID), d.Store.hookMessage(h.ID, change), d.Store.now(), []byte(body))
}

func (d *Digester) postman() *Postman {
	if d.Postman != nil {
		return d.Postman
	}
	return NewPostman(false, 0)
}

// TestHook sends a message of the type "test" to a hook, now, and returns why
// it was not taken.
func (d *Digester) TestHook(ctx context.Context, id int64) error {
	d.tellTime()
	h, err := d.Store.Hook(ctx, id)
	if err != nil {
		return err
	}
	now := d.Store.now()
	body, err := json.Marshal(hookEvent{"test", now, struct{}{}})
	if !h.Web() {
		body = []byte("Veille: this is a test.")
	}
	if err == nil {
		err = d.handOver(ctx, h, "test "+now.String(), string(body))
	}
	if err != nil {
		return fmt.Errorf("hook %d: %w", id, err)
	}
	return nil
}

// nextDelivery is the first message that waits for a hook; nil if there is none
// or the first is not to be tried yet.
func (s *Store) nextDelivery(ctx context.Context, hook int64) (*delivery, error) {
	m := &delivery{}
	var created, retry int64
	err := s.read.QueryRowContext(ctx, `SELECT id, change, body, attempts, created, retry FROM delivery WHERE hook = $1 AND state = 'queued' ORDER BY id LIMIT 1`, hook).
		Scan(&m.id, &m.change, &m.body, &m.attempts, &created, &retry)
	if errors.Is(err, sql.ErrNoRows) || err == nil && retry > ms(s.now()) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("hook %d: %w", hook, err)
	}
	m.created = at(created)
	m.attempts++
	return m, nil
}

// settleDelivery writes down what became of a message, and reports whether the
// next one may follow at once.
func (d *Digester) settleDelivery(ctx context.Context, h *Hook, m *delivery, sendErr error, r *HookReport) (next bool, err error) {
	ctx = context.WithoutCancel(ctx)
	now, log := d.Store.now(), d.Log.With("hook", h.ID, "change", m.change, "attempt", m.attempts)
	state, why, retry, sent, stopped := Sent, "", time.Time{}, now, time.Time{}
	switch {
	case sendErr == nil:
		r.Sent++
		log.Info("hook told")
	case errors.Is(sendErr, errGone):
		state, why, sent, stopped = Queued, sendErr.Error(), time.Time{}, now
		r.Waiting++
		log.Error("hook stopped", "err", sendErr)
	case now.Sub(m.created) >= hookPatient:
		state, why, sent = Failed, oneLine(sendErr.Error(), 500), time.Time{}
		r.Failed++
		log.Error("hook not told", "err", sendErr)
	default:
		state, why, sent, retry = Queued, oneLine(sendErr.Error(), 500), time.Time{}, now.Add(backoff(int(m.attempts)))
		r.Waiting++
		log.Warn("hook not told yet", "retry", retry, "err", sendErr)
	}
	err = d.Store.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE delivery SET state = $1, error = $2, attempts = $3, retry = $4, sent = $5, body = CASE WHEN $1 = 'queued' THEN body ELSE '' END
			WHERE id = $6`, state, why, m.attempts, ms(retry), ms(sent), m.id)
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE hook SET error = $1, stopped = $2 WHERE id = $3`, why, ms(stopped), h.ID)
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("hook %d: write down what became of %s: %w", h.ID, m.change, err)
	}
	return state != Queued, nil
}
