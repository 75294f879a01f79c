package digest

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr"
	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/rocketchat"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// Chats are the services besides webhooks that can be told: their addresses
// begin with these names, and are written as the library shoutrrr has them
// ("discord://token@id", "ntfy://ntfy.sh/topic").
var Chats = []string{"bark", "discord", "googlechat", "gotify", "lark", "mattermost", "ntfy", "pushbullet", "pushover", "rocketchat",
	"signal", "slack", "teams", "telegram", "wecom", "zulip"}

// homes are the servers of services whose address names a server and that do not
// let us say how they connect: unless private addresses are allowed they lead
// there only. A name that begins with a dot stands for all beneath it; "" is for
// a service that everybody runs for themselves. Services that are not here are at
// one public place, or are guarded as they connect, see [Postman.service].
var homes = map[string]string{"bark": "api.day.app", "googlechat": "chat.googleapis.com", "signal": "", "zulip": ".zulipchat.com"}

// guarded are the services that may be on any server, because we see to where they
// connect.
var guarded = []string{"gotify", "mattermost", "ntfy", "rocketchat"}

// checkChat refuses what is no address of a chat, or one where nobody can say
// that it is public.
func checkChat(address string, private bool) error {
	u, err := url.Parse(address)
	if err != nil || !slices.Contains(Chats, strings.ToLower(u.Scheme)) {
		return refuse("url", "chat-kind")
	}
	if !private && !atHome(u) {
		return refuse("url", "chat-server")
	}
	if _, err := shoutrrr.CreateSender(address); err != nil {
		return refuse("url", "chat-incomplete", u.Scheme)
	}
	return nil
}

// atHome reports whether a chat's address leads to where its service is, or to
// one of which we see where it connects.
func atHome(u *url.URL) bool {
	home, bound := homes[strings.ToLower(u.Scheme)]
	if !bound {
		return true
	}
	for key := range u.Query() {
		if strings.EqualFold(key, "host") {
			return false
		}
	}
	host := strings.ToLower(u.Hostname())
	return home != "" && (host == home || home[0] == '.' && strings.HasSuffix(host, home))
}

// chat says one line in a chat, within the time that a receiver has. Its error
// does not show the address, which holds passwords.
func (p *Postman) chat(address, line string) error {
	u, err := url.Parse(address)
	if err != nil {
		return errors.New("the address of the chat cannot be read")
	}
	if !p.private && !atHome(u) {
		return errPrivate
	}
	service, err := p.service(address)
	if err != nil {
		return errors.New("the address of the chat cannot be read")
	}
	done := make(chan error, 1) // the library knows no context: what hangs is left behind
	go func() { done <- service.Send(line, &types.Params{}) }()
	select {
	case err = <-done:
	case <-time.After(p.client.Timeout):
		err = errors.New("it took too long")
	}
	if errors.Is(err, errPrivate) {
		return errPrivate
	}
	if err != nil {
		return errors.New("the chat did not take it: " + strings.ReplaceAll(withoutAddresses(err.Error()), address, "its address"))
	}
	return nil
}

// service is what speaks to a chat. Where its address names a server, it connects
// as webhooks do: to public addresses only, unless private ones are allowed.
func (p *Postman) service(address string) (types.Service, error) {
	service, err := (&router.ServiceRouter{}).Locate(address)
	if err != nil || p.private {
		return service, err
	}
	switch s := service.(type) {
	case interface{ SetHTTPClient(*http.Client) }: // ntfy
		s.SetHTTPClient(&http.Client{Timeout: p.client.Timeout, Transport: p.client.Transport})
	case interface{ GetHTTPClient() *http.Client }: // gotify, mattermost: what they say of TLS stays
		c := s.GetHTTPClient()
		own, ok := c.Transport.(*http.Transport)
		if !ok {
			return nil, errPrivate
		}
		own.DialContext = p.dial
	case *rocketchat.Service:
		s.Client = &http.Client{Timeout: p.client.Timeout, Transport: p.client.Transport}
	default:
		if slices.Contains(guarded, service.GetID()) {
			return nil, errPrivate
		}
	}
	return service, nil
}

// withoutAddresses is a message without the web addresses in it.
func withoutAddresses(s string) string {
	words := strings.Fields(s)
	for i, w := range words {
		if strings.Contains(w, "://") {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}
