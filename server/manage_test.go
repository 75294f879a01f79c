package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"veille/digest"
)

// link finds a link of a kind in the newest letter.
func (w *world) link(kind string) string {
	w.t.Helper()
	ms, err := w.server.Digest.Store.Outbox(w.t.Context(), digest.OutboxFilter{Limit: 1})
	if err != nil || len(ms) == 0 {
		w.t.Fatalf("no letter: %v", err)
	}
	m, err := w.server.Digest.Store.Mail(w.t.Context(), ms[0].ID)
	if err != nil {
		w.t.Fatal(err)
	}
	found := regexp.MustCompile(`http://localhost:8080(/` + kind + `/\S+)`).FindStringSubmatch(m.Text + "\n" + m.Stop)
	if found == nil {
		w.t.Fatalf("no link to %s in:\n%s", kind, m.Text)
	}
	return found[1]
}

func (w *world) does(code int, path string, form url.Values, says ...string) string {
	w.t.Helper()
	got, body := w.post(path, form)
	if got != code {
		w.t.Fatalf("POST %s %v: %d, want %d\n%.3000s", path, form, got, code, body)
	}
	for _, s := range says {
		if !strings.Contains(body, s) {
			w.t.Errorf("POST %s %v does not say %q:\n%.6000s", path, form, s, body)
		}
	}
	return body
}

// Before anything is saved the form shows what would have been told.
func TestReplayBeforeSaving(t *testing.T) {
	w := newWorld(t)
	w.live()
	form := url.Values{"email": {"reader@example.org"}, "query": {"closed centres"}, "cadence": {"daily"}, "do": {"preview"}}
	body := w.does(http.StatusOK, "/subscribe", form, "With these settings you would have received 1 mail with", "in the last 90 days", `value="closed centres"`, `value="reader@example.org"`)
	if !strings.Contains(body, "The whole mail") || !strings.Contains(body, "/change/") {
		t.Errorf("the mails cannot be looked at:\n%s", body)
	}
	form.Set("query", "")
	w.does(http.StatusOK, "/subscribe", form, "you would have received 1 mail with")
	form.Set("cadence", "now")
	w.does(http.StatusOK, "/subscribe", form, "you would have received 7 mails with")
	form.Set("query", "nothing like it")
	w.does(http.StatusOK, "/subscribe", form, "0 mails with 0 changes", "You will be told when something does.")
	form.Set("query", "")
	form.Set("kinds", "drift,health")
	if body := w.does(http.StatusOK, "/subscribe?ui=en", form, "This is told from now on", "for two weeks", "in full for a day"); strings.Contains(body, "0 mails") {
		t.Error("what cannot be looked back on counts as nothing")
	}
	form.Del("kinds")
	form.Set("query", `"unfinished`)
	w.does(http.StatusBadRequest, "/subscribe", form, `aria-invalid="true"`)
	ms, err := w.server.Digest.Store.Outbox(t.Context(), digest.OutboxFilter{})
	if err != nil || len(ms) != 0 {
		t.Errorf("a preview wrote %d letters, %v", len(ms), err)
	}
	code, answer := w.answer(w.client.Post(w.web.URL+"/api/v1/subscriptions/replay", "application/json", strings.NewReader(`{"cadence":"now"}`)))
	var doc digest.Replay
	if err := json.Unmarshal([]byte(answer), &doc); code != http.StatusOK || err != nil || len(doc.Mails) != 7 || doc.Days != 90 {
		t.Errorf("the API: %d, %v\n%s", code, err, answer)
	}
}

// Everything that can be asked for can be asked for by the API.
func TestSubscribingByTheAPI(t *testing.T) {
	w := newWorld(t)
	w.pass()
	ask := func(body string) (int, string) {
		return w.answer(w.client.Post(w.web.URL+"/api/v1/subscriptions", "application/json", strings.NewReader(body)))
	}
	code, answer := ask(`{"email":"reader@example.org","query":"appeal","topics":["closed-centres"],"jurisdictions":["BE"],"documents":["` + w.at + `/en/closed-centres"],
		"passage":"The closed centres have places","kinds":["new","health"],"min_weight":3,"cadence":"weekly","workdays":true,"density":"full","always":true,
		"lang":"nl","zone":"Europe/Paris","at":"18:00","name":"Mine","note":"for me","sources":[]}`)
	if code != http.StatusAccepted {
		t.Fatalf("%d %s", code, answer)
	}
	list, err := w.server.Digest.Store.List(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	s := list[0]
	if s.Query != "appeal" || s.Passage == "" || s.Documents[0] != w.at+"/en/closed-centres" || len(s.Kinds) != 2 || !s.Workdays || !s.Always || s.Density != digest.Full || s.Note != "for me" {
		t.Errorf("kept: %+v", s)
	}
	if code, answer = ask(`{"email":"reader@example.org","documents":["https://example.org/unknown"]}`); code != http.StatusBadRequest || !strings.Contains(answer, "body.documents") {
		t.Errorf("unknown document: %d %s", code, answer)
	}
}

// A subscriber sees, changes, exports and erases all that is held about them.
func TestManaging(t *testing.T) {
	w := newWorld(t)
	w.pass()
	join := func(form url.Values) {
		form.Set("email", "reader@example.org")
		w.does(http.StatusAccepted, "/subscribe", form)
		confirm := w.link("confirm")
		w.want(confirm, http.StatusOK, "Press the button")
		w.does(http.StatusOK, confirm, nil, "Confirmed")
	}
	join(url.Values{"query": {"closed centres"}, "note": {"for the capacity file"}, "cadence": {"weekly"}})
	join(url.Values{"query": {"appeal"}})
	w.does(http.StatusAccepted, "/manage", url.Values{"email": {"nobody@example.org"}}, "Look into your mail")
	w.does(http.StatusAccepted, "/manage", url.Values{"email": {"Reader@example.org"}}, "Look into your mail")
	manage := w.link("manage")
	body := w.want(manage, http.StatusOK, "reader@example.org", "the search “closed centres”", "for the capacity file", "the search “appeal”", "Export all of it")
	ids := regexp.MustCompile(`id="s(\d+)"`).FindAllStringSubmatch(body, -1)
	first, second := ids[0][1], ids[1][1]

	w.want(manage+"/"+first, http.StatusOK, `value="closed centres"`, `value="for the capacity file"`)
	w.does(http.StatusOK, manage+"/"+first, url.Values{"query": {"reception"}, "do": {"preview"}}, "you would have received")
	w.want(manage, http.StatusOK, "the search “closed centres”") // only looked at
	w.does(http.StatusOK, manage+"/"+first, url.Values{"query": {"reception"}, "cadence": {"monthly"}}, "the search “reception”", "on the first of each month")
	w.does(http.StatusBadRequest, manage+"/"+first, url.Values{"query": {"appeal"}}, "Another subscription of yours watches the same.")

	var dossier map[string]any
	_, export := w.get(manage + "/export")
	if err := json.Unmarshal([]byte(export), &dossier); err != nil || !strings.Contains(export, `"reader@example.org"`) || !strings.Contains(export, "reception") || !strings.Contains(export, "Confirm this subscription") {
		t.Errorf("export: %v\n%s", err, export)
	}
	// Nobody else's, and nothing without the token.
	for _, path := range []string{"/manage/forged", "/manage/" + strings.Repeat("A", 43), manage + "/999", manage + "x", "/manage/forged/export", "/manage/forged/" + first} {
		w.want(path, http.StatusNotFound)
	}
	w.does(http.StatusNotFound, "/manage/forged", url.Values{"do": {"erase"}})
	w.does(http.StatusBadRequest, manage, url.Values{"do": {"nothing"}})

	body = w.does(http.StatusOK, manage, url.Values{"stop": {first}}, "the search “appeal”")
	if strings.Contains(body, "reception") {
		t.Errorf("a stopped subscription is still there:\n%s", body)
	}
	w.does(http.StatusOK, manage, url.Values{"stop": {second}}, "Stopped")
	w.want(manage, http.StatusGone)
}

// What one has already is noticed before it is confirmed a second time.
func TestEquivalentsAreNoticed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.live()
	for i, query := range []string{"640 OR 815", "815 OR 640", "reception"} {
		w.does(http.StatusAccepted, "/subscribe", url.Values{"email": {"reader@example.org"}, "query": {query}})
		confirm := w.link("confirm")
		_, body := w.get(confirm)
		if got := strings.Contains(body, "You have this already"); got != (i == 1) {
			t.Errorf("%s: noticed %v:\n%.3000s", query, got, body)
		}
		w.does(http.StatusOK, confirm, nil)
	}
}

// The operator does with letters what the queue page offers, and nobody else does.
func TestTheQueue(t *testing.T) {
	w := newWorld(t)
	w.pass()
	w.does(http.StatusAccepted, "/subscribe", url.Values{"email": {"reader@example.org"}})
	w.want("/outbox?state=queued", http.StatusOK, "waiting (1)", "reader@example.org")
	w.want("/outbox?state=sent", http.StatusOK, "No letter has been written yet.")
	w.does(http.StatusBadRequest, "/outbox/1", url.Values{"do": {"arrived"}}, "the letter is queued")
	w.does(http.StatusOK, "/outbox/1", url.Values{"do": {"drop"}}, "Send again")
	w.does(http.StatusOK, "/outbox/1", url.Values{"do": {"retry"}}, "Give up")
	w.does(http.StatusBadRequest, "/outbox/1", url.Values{"do": {"burn"}})
	w.does(http.StatusNotFound, "/outbox/99", url.Values{"do": {"drop"}})
	w.want("/metrics", http.StatusOK, `veille_subscriptions{state="unconfirmed"} 1`, `veille_outbox_letters{state="queued"} 1`)
}

func TestWhoAsks(t *testing.T) {
	for _, c := range [][3]string{
		{"192.0.2.7:1234", "", "192.0.2.7"},
		{"192.0.2.7:1234", "198.51.100.9", "192.0.2.7"}, // who is not our own web server is not believed
		{"127.0.0.1:1234", "203.0.113.1, 198.51.100.9", "198.51.100.9"},
		{"[::1]:1234", "2001:db8::1", "2001:db8::1"},
		{"127.0.0.1:1234", "::ffff:198.51.100.9", "198.51.100.9"},
		{"127.0.0.1:1234", "nonsense", "127.0.0.1"},
		{"nonsense", "", "invalid IP"},
	} {
		if got := asker(c[0], c[1]).String(); got != c[2] {
			t.Errorf("%s, %s: %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// A refusing mail server.
type refuser struct{}

func (refuser) Send(context.Context, *digest.Mail, func() error) error {
	return fmt.Errorf("%w: 550 <reader> is unknown", digest.ErrAddress)
}

// Who cannot be reached is shown to the operator, and to nobody else; a button ends it.
func TestASuspendedAddress(t *testing.T) {
	w := newWorld(t)
	w.pass()
	w.server.Digest.From, w.server.Digest.Mailer = "veille@example.org", refuser{}
	w.does(http.StatusAccepted, "/subscribe", url.Values{"email": {"reader@example.org"}})
	w.does(http.StatusOK, w.link("confirm"), nil)
	w.does(http.StatusAccepted, "/manage", url.Values{"email": {"reader@example.org"}})
	manage := w.link("manage")
	if _, err := w.server.Digest.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.want("/outbox", http.StatusOK, "Addresses at which mail does not arrive", "550 &lt;reader&gt; is unknown", "Send again: reader@example.org")
	w.want(manage, http.StatusOK, "none is sent until you subscribe anew and confirm", "550 &lt;reader&gt; is unknown")
	w.want("/metrics", http.StatusOK, "veille_suspended_addresses 1", `veille_webhook_changes{state="queued"} 0`)
	w.does(http.StatusNotFound, "/outbox/suspended/99", nil)
	w.does(http.StatusBadRequest, "/outbox/suspended/x", nil)
	w.does(http.StatusOK, "/outbox/suspended/1", nil)
	if _, body := w.get("/outbox"); strings.Contains(body, "does not arrive") {
		t.Error("the suspension was not lifted")
	}
}

// Who has as many subscriptions as one may have is told so when one more is
// confirmed, in words, and the link is good again when there is room.
func TestOneSubscriptionTooMany(t *testing.T) {
	w := newWorld(t)
	w.pass()
	var reqs []digest.Request
	for n := range digest.MaxSubscriptions {
		reqs = append(reqs, digest.Request{Email: "reader@example.org", Filter: digest.Filter{Query: fmt.Sprintf("word%d", n)}})
	}
	subs, err := w.server.Digest.AddAllConfirmed(t.Context(), reqs)
	if err != nil {
		t.Fatal(err)
	}
	w.does(http.StatusAccepted, "/subscribe", url.Values{"email": {"reader@example.org"}, "query": {"one more"}, "cadence": {"daily"}})
	link := w.link("confirm")
	w.does(http.StatusConflict, link+"?ui=nl", nil, "U hebt 100 abonnementen")
	w.does(http.StatusConflict, link+"?ui=en", nil, "You have 100 subscriptions", "then open this link again")
	if err := w.server.Digest.Store.Remove(t.Context(), subs[0].ID); err != nil {
		t.Fatal(err)
	}
	w.does(http.StatusOK, link, nil)
}
