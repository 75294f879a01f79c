package digest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// Tokens.
//
// A token is what a link in a mail must know: 256 bits, written as 43
// characters of base64url. It is not kept. The store has one secret of 32
// random bytes; a token is HMAC-SHA-256(secret, purpose ":" number), where the
// purpose is "confirm", "stop", "leave" or "manage" and the number is that of the
// confirmation, the subscription or the person, never reused. So every later mail can carry the same stop
// link although the tables hold only the token's SHA-256, by which it is found.
//
// What this protects: a leaked table, query log or letter from the outbox holds
// no link that works, and nobody can guess or extend one. Whoever holds the
// whole file, secret included, can make links, as they could change the tables
// themselves; the file is therefore made readable by its owner only.

// A purpose keeps a token of one kind from being taken for another.
type purpose string

const (
	forConfirm purpose = "confirm"
	forStop    purpose = "stop"   // one subscription
	forLeave   purpose = "leave"  // all of a person's
	forManage  purpose = "manage" // to see, change, export and erase all that is kept of a person
)

func (s *Store) mac(text string) []byte {
	m := hmac.New(sha256.New, s.secret)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// token is the token of a confirmation or a subscription.
func (s *Store) token(p purpose, id int64) string {
	return base64.RawURLEncoding.EncodeToString(s.mac(string(p) + ":" + strconv.FormatInt(id, 10)))
}

// hash is what the tables keep of a token.
func hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// mark stands in a stored letter where a token will be. It contains nothing
// that any template escapes, and nobody can make a page contain it.
func (s *Store) mark(p purpose) string {
	return "TOKEN-" + string(p) + "-" + hex.EncodeToString(s.mac("mark:" + string(p))[:8])
}

// fill puts the tokens into a stored letter.
func (s *Store) fill(m *Mail) {
	var pairs []string
	for _, x := range []struct {
		p  purpose
		id int64
	}{{forConfirm, m.confirmation}, {forStop, m.Subscription}, {forLeave, m.Person}, {forManage, m.Person}} {
		if x.id != 0 {
			pairs = append(pairs, s.mark(x.p), s.token(x.p, x.id))
		}
	}
	r := strings.NewReplacer(pairs...)
	m.Text, m.HTML = r.Replace(m.Text), r.Replace(m.HTML)
}

// messageID is the part before the @ of a letter's Message-ID: the same however
// often it is sent, and different in every store.
func (s *Store) messageID(letter int64) string {
	n := strconv.FormatInt(letter, 10)
	return "veille." + n + "." + hex.EncodeToString(s.mac("message:" + n)[:6])
}

// threadID is the part before the @ of what all digests of a person refer to.
// Nothing else is told from it than that they are of one person.
func (s *Store) threadID(person int64) string {
	return "veille.thread." + hex.EncodeToString(s.mac("thread:" + strconv.FormatInt(person, 10))[:12])
}

// letterOf is the number of the letter that has a Message-ID, with or without
// what stands after the @; 0 if none of this store has. Only who has seen a
// letter knows its Message-ID.
func (s *Store) letterOf(messageID string) int64 {
	name, _, _ := strings.Cut(strings.Trim(messageID, "<> \t"), "@")
	rest, ok := strings.CutPrefix(name, "veille.")
	n, _, _ := strings.Cut(rest, ".")
	id, err := strconv.ParseInt(n, 10, 64)
	if !ok || err != nil || id <= 0 || !hmac.Equal([]byte(name), []byte(s.messageID(id))) {
		return 0
	}
	return id
}
