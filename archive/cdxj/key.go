package cdxj

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Key returns the key of an address as the tools of the Wayback family make it
// (SURT, with the rules of the Internet Archive), so that they find in our
// indexes what they look for: lower case, without scheme, user and fragment;
// the labels of the host reversed, a leading "www." or "www2." left out, the
// default port too; escapes undone and done again, as few as can be; "." and
// ".." resolved, no "/" at the end; parameters of the query in order, without
// those known to number sessions. The key of what is no web address is the text
// itself, in lower case and without spaces.
func Key(address string) string {
	address = strings.TrimSpace(address)
	scheme, rest, ok := strings.Cut(address, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return strings.ToLower(strings.Join(strings.Fields(address), "%20"))
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	key := keyHost(scheme, authority) + ")" + keyPath(path)
	if query = keyQuery(query); query != "" {
		key += "?" + query
	}
	return key
}

var wwwDigits = regexp.MustCompile(`^www[0-9]*\.`)

func keyHost(scheme, authority string) string {
	host, port := authority, ""
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host, port = host[:i], host[i+1:]
	}
	if strings.HasPrefix(host, "[") {
		host = escape(strings.ToLower(strings.Trim(host, "[]")))
	} else {
		host = unescape(host)
		if ascii, err := idna.ToASCII(host); err == nil {
			host = ascii
		}
		host = escape(strings.ToLower(strings.Trim(strings.ReplaceAll(host, "..", "."), ".")))
		labels := strings.Split(wwwDigits.ReplaceAllString(host, ""), ".")
		slices.Reverse(labels)
		host = strings.Join(labels, ",")
	}
	if port == "" || scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return host
	}
	return host + ":" + escape(port)
}

var pathSessions = []*regexp.Regexp{
	regexp.MustCompile(`^(.*/)\((?:[a-z]\([0-9a-z]{24}\))+\)/([^?]+\.aspx.*)$`),
	regexp.MustCompile(`^(.*/)\([0-9a-z]{24}\)/([^?]+\.aspx.*)$`),
}

// keyPath takes a path without its first slash.
func keyPath(path string) string {
	var kept []string
	segments := strings.Split(unescape(path), "/")
	for i, s := range segments {
		switch {
		case s == "." || s == "" && i < len(segments)-1:
		case s == ".." && len(kept) > 0:
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, s)
		}
	}
	path = strings.ToLower(escape("/" + strings.Join(kept, "/")))
	for _, re := range pathSessions {
		path = re.ReplaceAllString(path, "$1$2")
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	return path
}

var querySessions = []*regexp.Regexp{
	regexp.MustCompile(`^(.*)jsessionid=[0-9a-z]{32}(?:&(.*))?$`),
	regexp.MustCompile(`^(.*)phpsessid=[0-9a-z]{32}(?:&(.*))?$`),
	regexp.MustCompile(`^(.*)sid=[0-9a-z]{32}(?:&(.*))?$`),
	regexp.MustCompile(`^(.*)aspsessionid[a-z]{8}=[a-z]{24}(?:&(.*))?$`),
	regexp.MustCompile(`^(.*)cfid=[^&]+&cftoken=[^&]+(?:&(.*))?$`),
}

func keyQuery(query string) string {
	query = strings.ToLower(escape(unescape(query)))
	for _, re := range querySessions {
		query = re.ReplaceAllString(query, "$1$2")
	}
	params := strings.Split(query, "&")
	slices.SortFunc(params, func(a, b string) int {
		aName, aValue, aHas := strings.Cut(a, "=")
		bName, bValue, bHas := strings.Cut(b, "=")
		switch {
		case aName != bName:
			return strings.Compare(aName, bName)
		case aHas != bHas && bHas:
			return -1
		case aHas != bHas:
			return 1
		}
		return strings.Compare(aValue, bValue)
	})
	return strings.Join(params, "&")
}

// unescape undoes escapes until there are none.
func unescape(s string) string {
	for strings.Contains(s, "%") {
		var b strings.Builder
		for i := 0; i < len(s); i++ {
			if s[i] == '%' && i+2 < len(s) && unhex(s[i+1]) < 16 && unhex(s[i+2]) < 16 {
				b.WriteByte(unhex(s[i+1])<<4 | unhex(s[i+2]))
				i += 2
				continue
			}
			b.WriteByte(s[i])
		}
		if b.String() == s {
			break
		}
		s = b.String()
	}
	return s
}

func unhex(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// escape escapes what cannot stand in a key: white space, controls, "#", "%",
// and all that is not ASCII.
func escape(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c > ' ' && c < 0x7f && c != '#' && c != '%' {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + string(hex[c>>4]) + string(hex[c&15]))
		}
	}
	return b.String()
}
