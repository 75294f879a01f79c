package digest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// No webhook leads into our own network unless the operator says so.
func TestAWebhookToAPrivateAddress(t *testing.T) {
	w := start(t)
	r := w.receiver()
	h := w.hook(r, Filter{})
	w.digest.Postman = nil
	err := w.digest.TestHook(t.Context(), h.ID)
	if err == nil || !strings.Contains(err.Error(), "private network") {
		t.Errorf("127.0.0.1: %v", err)
	}
	for _, address := range []string{"http://localhost:1/", "http://[::1]:1/", "http://169.254.169.254/latest/", "http://10.0.0.1/", "http://192.168.1.1/", "http://[fd00::1]/", "http://[::ffff:127.0.0.1]:1/", "http://0.0.0.0:1/", "http://100.64.0.1/"} {
		err := NewPostman(false, time.Second).post(t.Context(), address, w.store.HookSecret(1), "msg_1", monday, []byte("{}"))
		if err == nil || !strings.Contains(err.Error(), "private network") {
			t.Errorf("%s: %v", address, err)
		}
	}
	want(t, "taken", r.took(), "")
	w.digest.Postman = NewPostman(true, 0)
	if err := w.digest.TestHook(t.Context(), h.ID); err != nil {
		t.Error(err)
	}
	want(t, "taken", r.took(), "test ")
}

// names is a name server that gives every name the address 127.0.0.1.
func names(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}}}}
			}
			if b, err := m.Pack(); err == nil {
				conn.WriteTo(b, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// inside is a server in the private network, and how often it was asked.
func inside(t *testing.T) (port string, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		rw.Write([]byte("{}"))
	}))
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return u.Port(), asked
}

// Whatever spelling, and whatever a name server says, nothing inside is asked:
// not by webhooks, and not by chats on servers of one's own.
func TestNothingInsideIsAsked(t *testing.T) {
	w := start(t)
	port, asked := inside(t)
	p := newPostman(false, 5*time.Second, names(t))
	hosts := []string{"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "hooks.example.org"}
	for _, host := range hosts {
		if err := p.post(t.Context(), "http://"+host+":"+port+"/", w.store.HookSecret(1), "msg_1", monday, []byte("{}")); err == nil {
			t.Errorf("webhook to %s: taken", host)
		}
		for _, chat := range []string{"ntfy://%/topic?scheme=http", "gotify://%/AAAAAAAAAAAAAAA?disabletls=yes", "mattermost://%/token?disabletls=yes", "rocketchat://%/a/b/c",
			"bark://:key@%/?scheme=http", "signal://%/+4912345678/+4912345678?disabletls=yes", "zulip://bot@example.org:key@%/?stream=a&topic=b", "googlechat://%/v1/spaces/x?key=a&token=b"} {
			if err := p.chat(strings.Replace(chat, "%", host+":"+port, 1), "a line"); err == nil {
				t.Errorf("%s at %s: taken", chat, host)
			}
		}
	}
	if err := p.post(t.Context(), "http://hooks.example.org:"+port+"/", w.store.HookSecret(1), "msg_1", monday, []byte("{}")); !errors.Is(err, errPrivate) {
		t.Errorf("a name that leads inside: %v", err)
	}
	want(t, "how often it was asked", asked.Load(), 0)

	p = newPostman(true, 5*time.Second, nil)
	for _, chat := range []string{"ntfy://%/topic?scheme=http", "gotify://%/AAAAAAAAAAAAAAA?disabletls=yes", "mattermost://%/token?disabletls=yes"} {
		before := asked.Load()
		if err := p.chat(strings.Replace(chat, "%", "127.0.0.1:"+port, 1), "a line"); asked.Load() != before+1 {
			t.Errorf("%s, allowed: asked %d times, %v", chat, asked.Load()-before, err)
		}
	}
}

// A chat server outside that sends us on to one inside is not followed there.
func TestNoRedirectLeadsInside(t *testing.T) {
	port, asked := inside(t)
	outside := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:"+port+"/", http.StatusTemporaryRedirect))
	t.Cleanup(outside.Close)
	p := newPostman(false, 5*time.Second, nil)
	guarded := p.dial
	p.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.HasPrefix(address, "chat.example.org:") { // stands for a public server
			return (&net.Dialer{}).DialContext(ctx, network, outside.Listener.Addr().String())
		}
		return guarded(ctx, network, address)
	}
	p.client.Transport.(*http.Transport).DialContext = p.dial
	for _, address := range []string{"ntfy://chat.example.org/topic?scheme=http", "gotify://chat.example.org/AAAAAAAAAAAAAAA?disabletls=yes", "mattermost://chat.example.org/token?disabletls=yes"} {
		if err := p.chat(address, "a line"); err == nil || !strings.Contains(err.Error(), "private network") {
			t.Errorf("%s: %v", address, err)
		}
	}
	want(t, "how often it was asked", asked.Load(), 0)
}

// Services on servers of one's own are added where we see to where they connect,
// and at their own public place.
func TestChatsThatMayBeAdded(t *testing.T) {
	for address, ok := range map[string]bool{
		"bark://:key@api.day.app/": true, "bark://:key@bark.example.org/": false, "bark://:key@api.day.app/?host=127.0.0.1": false,
		"zulip://bot%40x.org:key@x.zulipchat.com/?stream=a&topic=b": true, "zulip://bot%40x.org:key@zulipchat.com.example.org/?stream=a&topic=b": false,
		"googlechat://chat.googleapis.com/v1/spaces/x/messages?key=a&token=b": true, "googlechat://10.0.0.1/v1/spaces/x/messages?key=a&token=b": false,
		"signal://signal.example.org:8080/+4912345678/+4912345678": false, "ntfy://ntfy.example.org/topic": true, "discord://token@1": true,
	} {
		if err := checkChat(address, false); (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
		if err := checkChat(address, true); !ok && strings.Contains(address, "10.0.0.1") && err != nil {
			t.Errorf("%s, allowed: %v", address, err)
		}
	}
}
