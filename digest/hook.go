package digest

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"time"

	"veille/archive"
)

// A Hook is an address, not of mail, that is told of news as they are found:
// a webhook (http or https), or a chat (see [Chats]). It is made by the operator.
type Hook struct {
	ID      int64  `json:"id"`
	URL     string `json:"url"` // holds passwords, of some chats: see [Hook.Where]
	Name    string `json:"name,omitempty"`
	Lang    string `json:"lang"` // of summaries
	Filter  `json:"filter"`
	Created time.Time `json:"created"`
	Stopped time.Time `json:"stopped,omitzero"` // when the receiver said that it is gone (410): it is sent nothing more
	Error   string    `json:"error,omitempty"`  // of the last attempt; "" if it was taken
	Waiting int       `json:"waiting"`          // news that have not been taken yet
	Failed  int       `json:"failed"`           // news that were given up

	upto    archive.Seq // how far the archive has been looked through
	noticed time.Time   // when was last looked for news that are no changes
}

// Where is the address without its query, and of a chat, whose address holds
// passwords throughout, only the scheme.
func (h *Hook) Where() string {
	u, err := url.Parse(h.URL)
	if err != nil {
		return "an address that cannot be read"
	}
	if h.Web() {
		return u.Scheme + "://" + u.Host + u.Path
	}
	return u.Scheme
}

// Web reports whether it is a webhook, and not a chat.
func (h *Hook) Web() bool { return webAddress(h.URL) }

func webAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

// A HookRequest asks for a hook.
type HookRequest struct {
	URL, Name, Lang string
	Filter
}

// AddHook adds a hook, to https or a chat unless private addresses are allowed
// ([NewPostman]). What the archive holds by now is not told. Its error for
// what cannot be is a *RequestError.
func (d *Digester) AddHook(ctx context.Context, r HookRequest) (*Hook, error) {
	d.tellTime()
	h := &Hook{URL: r.URL, Name: oneLine(r.Name, maxName), Lang: or(r.Lang, "en"), Filter: r.Filter.normal(d.Sources), Created: d.Store.now()}
	if err := h.Filter.check(&known{ctx, d.Sources, d.Thesaurus, d.Archive}); err != nil {
		return nil, err
	}
	if !slices.Contains(Langs, h.Lang) {
		return nil, refuse("lang", "lang", h.Lang)
	}
	if err := checkHook(h.URL, d.postman().private); err != nil {
		return nil, err
	}
	stats, err := d.Archive.Stats(ctx)
	if err != nil {
		return nil, fmt.Errorf("add hook: %w", err)
	}
	h.upto = stats.LatestVersion
	return h, d.Store.addHook(ctx, h)
}

// checkHook refuses addresses that nothing can, or may, be sent to.
func checkHook(address string, private bool) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme == "":
		return refuse("url", "hook-address")
	case !webAddress(address):
		return checkChat(address, private)
	case u.Hostname() == "" || u.User != nil || u.Fragment != "":
		return refuse("url", "hook-host")
	case u.Scheme == "http" && !private:
		return refuse("url", "hook-https")
	}
	return nil
}

func (s *Store) addHook(ctx context.Context, h *Hook) error {
	filter, err := json.Marshal(h.Filter)
	if err != nil {
		return fmt.Errorf("add hook: %w", err)
	}
	err = s.write.QueryRowContext(ctx, `INSERT INTO hook (url, name, lang, filter, created, upto) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id`,
		h.URL, h.Name, h.Lang, string(filter), ms(h.Created), h.upto).Scan(&h.ID)
	if err != nil {
		return fmt.Errorf("add hook: %w", err)
	}
	return nil
}

// Hooks lists the hooks, oldest first.
func (s *Store) Hooks(ctx context.Context) ([]*Hook, error) {
	list, err := hooks(ctx, s.read, `1 = 1`)
	if err != nil {
		return nil, fmt.Errorf("list hooks: %w", err)
	}
	return list, nil
}

// Hook returns one hook. Its error for an unknown number is fs.ErrNotExist.
func (s *Store) Hook(ctx context.Context, id int64) (*Hook, error) {
	list, err := hooks(ctx, s.read, `h.id = $1`, id)
	if err == nil && len(list) == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, fmt.Errorf("hook %d: %w", id, err)
	}
	return list[0], nil
}

// hooks are those for which a condition on h holds.
func hooks(ctx context.Context, q querier, where string, args ...any) ([]*Hook, error) {
	rows, err := q.QueryContext(ctx, `SELECT h.id, h.url, h.name, h.lang, h.filter, h.created, h.upto, h.noticed, h.stopped, h.error,
		(SELECT count(*) FROM delivery d WHERE d.hook = h.id AND d.state = 'queued'), (SELECT count(*) FROM delivery d WHERE d.hook = h.id AND d.state = 'failed')
		FROM hook h WHERE `+where+` ORDER BY h.id`, args...)
	return collect(rows, err, func(rows *sql.Rows) (*Hook, error) {
		h := &Hook{}
		var filter string
		var created, stopped, upto, noticed int64
		if err := rows.Scan(&h.ID, &h.URL, &h.Name, &h.Lang, &filter, &created, &upto, &noticed, &stopped, &h.Error, &h.Waiting, &h.Failed); err != nil {
			return nil, err
		}
		h.Created, h.Stopped, h.upto, h.noticed = at(created), at(stopped), archive.Seq(upto), at(max(noticed, created))
		if err := json.Unmarshal([]byte(filter), &h.Filter); err != nil {
			return nil, fmt.Errorf("hook %d: %w", h.ID, err)
		}
		return h, nil
	})
}

// RemoveHook removes a hook with what waits for it. Its error for an unknown
// number is fs.ErrNotExist.
func (s *Store) RemoveHook(ctx context.Context, id int64) error {
	res, err := s.write.ExecContext(ctx, `DELETE FROM hook WHERE id = $1`, id)
	if err == nil {
		var n int64
		if n, err = res.RowsAffected(); err == nil && n == 0 {
			err = fs.ErrNotExist
		}
	}
	if err != nil {
		return fmt.Errorf("remove hook %d: %w", id, err)
	}
	return nil
}

// HookSecret is what a webhook's receiver checks signatures with, as Standard
// Webhooks writes it: "whsec_…". It is not kept: it is made of the store's own
// secret and the hook's number.
func (s *Store) HookSecret(id int64) string {
	return "whsec_" + base64.StdEncoding.EncodeToString(s.mac("hook:"+strconv.FormatInt(id, 10)))
}

// hookMessage is the webhook-id of a change for a hook: the same at every
// attempt, so that a receiver can drop repeats.
func (s *Store) hookMessage(hook int64, change string) string {
	return "msg_" + base64.RawURLEncoding.EncodeToString(s.mac("delivery:" + strconv.FormatInt(hook, 10) + ":" + change)[:18])
}

// errGone is the error of a receiver that wants nothing more.
var errGone = errors.New("the receiver says that it is gone (410)")
