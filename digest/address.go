package digest

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// maxAddress is the longest address SMTP can carry (RFC 5321, 4.5.3.1.3,
// without the angle brackets), maxLocal the longest part before the @.
const maxAddress, maxLocal = 254, 64

// ParseAddress reads a bare mail address, as typed into a form, and returns it
// in normal form: without white space around it, the domain in lower-case
// ASCII (IDNA). It takes no display name, no quoted local part, no IP
// address and nothing that could end a header line. Its errors are
// *RequestError.
func ParseAddress(s string) (string, error) {
	if len(s) > 2*maxAddress {
		return "", refuse("email", "email-long")
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return "", refuse("email", "email-control")
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return "", refuse("email", "email-none")
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s {
		return "", refuse("email", "email-bare")
	}
	at := strings.LastIndexByte(s, '@')
	local, domain := s[:at], s[at+1:]
	if strings.ContainsFunc(local, func(r rune) bool { return r > unicode.MaxASCII }) {
		return "", refuse("email", "email-ascii")
	}
	if strings.ContainsAny(local, `"\()<>,;: `) || strings.ContainsAny(domain, "[]") {
		return "", refuse("email", "email-quoted")
	}
	ascii, err := idna.Lookup.ToASCII(domain)
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	if err != nil || strings.Trim(last, "0123456789") == "" { // a number is no name, but part of an IP address
		return "", refuse("email", "email-domain")
	}
	s = local + "@" + strings.ToLower(ascii)
	if len(local) > maxLocal || len(s) > maxAddress {
		return "", refuse("email", "email-long")
	}
	return s, nil
}

// addressKey is what two spellings of one mailbox have in common. That the part
// before the @ may be told apart by case is allowed, and done by nobody.
func addressKey(address string) string { return strings.ToLower(address) }

// oneLine makes a string fit for a header or a subject: control characters and
// line ends become spaces, runs of white space one, marks that turn the direction
// of writing go, and what is longer than max characters is cut.
func oneLine(s string, max int) string {
	if len(s) <= max && tidy(s) {
		return s
	}
	return cut(strings.Join(strings.FieldsFunc(s, between), " "), max)
}

// between reports whether a character is none that stands in a line: white space,
// and what has no place in a text.
func between(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || upright(r) < 0 || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
}

// upright drops marks that turn the direction of writing: ugly in a subject, and
// no way to end a header.
func upright(r rune) rune {
	if unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}

// unlinked is a text in which mail programs find nothing to make a link of: a
// stranger may have written it. It is cut where it is long.
func unlinked(s string) string {
	return strings.NewReplacer(".", ".\u200b", "@", "@\u200b").Replace(cut(s, 200))
}

// printed is oneLine of a text to be read: its no-break spaces stay, as those
// beside French quotation marks.
func printed(s string, max int) string {
	inLine := func(r rune) bool { return r != '\u00a0' && r != '\u202f' && between(r) }
	return cut(strings.Join(strings.FieldsFunc(s, inLine), " "), max)
}

// tidy reports whether a text is one line already, as far as that is quickly seen.
func tidy(s string) bool {
	before := byte(' ')
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == ' ' && before == ' ' {
			return false
		}
		before = s[i]
	}
	return before != ' ' || s == ""
}

// cut shortens a text to at most max characters, at a space if there is one
// near, and marks the cut.
func cut(s string, max int) string {
	r := []rune(s)
	if len(r) <= max {
		return s
	}
	r = r[:max-1]
	for i := len(r) - 1; i > len(r)*3/4; i-- {
		if unicode.IsSpace(r[i]) {
			r = r[:i]
			break
		}
	}
	return strings.TrimRightFunc(string(r), unicode.IsSpace) + "…"
}
