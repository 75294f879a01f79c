package digest

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr"
)

// Chats are the services besides webhooks that can be told: their addresses
// begin with these names, and are written as the library shoutrrr has them
// ("discord://token@id", "ntfy://ntfy.sh/topic").
var Chats = []string{"bark", "discord", "googlechat", "gotify", "lark", "mattermost", "ntfy", "pushbullet", "pushover", "rocketchat",
	"signal", "slack", "teams", "telegram", "wecom", "zulip"}

// checkChat refuses what is no address of a chat.
func checkChat(address string) error {
	u, err := url.Parse(address)
	if err != nil || !slices.Contains(Chats, strings.ToLower(u.Scheme)) {
		return &RequestError{"url", "nothing of this kind can be told", "use https, or one of " + strings.Join(Chats, ", ")}
	}
	if _, err := shoutrrr.CreateSender(address); err != nil {
		return &RequestError{"url", "the address of the chat is not complete", "write it as the documentation of shoutrrr says for " + u.Scheme}
	}
	return nil
}

// chat says one line in a chat, within the time that a receiver has. Its error
// does not show the address, which holds passwords.
func chat(address, line string, timeout time.Duration) error {
	sender, err := shoutrrr.CreateSender(address)
	if err != nil {
		return errors.New("the address of the chat cannot be read")
	}
	sender.Timeout = timeout
	for _, err := range sender.Send(line, nil) {
		if err != nil {
			return errors.New("the chat did not take it: " + strings.ReplaceAll(withoutAddresses(err.Error()), address, "its address"))
		}
	}
	return nil
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
