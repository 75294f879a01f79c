package source

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWHATWG holds Canonical against the http and https cases of the URL
// Standard's own tests: what they say is a failure is refused, and all others
// come out as they say, but for what Canonical is for – no fragment, no final
// dot of a host, no tracking parameters – and for addresses with a user name,
// which it refuses. It needs the set crawler-conformance in the folder
// VEILLE_DATA.
func TestWHATWG(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(os.Getenv("VEILLE_DATA"), "crawler-conformance/url/tests/wpt/urltestdata.json"))
	if err != nil {
		t.Skip("no crawler-conformance data: set VEILLE_DATA to the folder that holds it")
	}
	var cases []json.RawMessage
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	list := &List{}
	tried := 0
	for _, raw := range cases {
		var c struct {
			Input, Href, Protocol, Username, Password, Host string
			Base                                            *string
			Failure                                         bool
		}
		if json.Unmarshal(raw, &c) != nil || c.Base != nil && *c.Base != "about:blank" && *c.Base != "" {
			continue // a comment, or an address that needs a base
		}
		lower := strings.ToLower(strings.TrimSpace(c.Input))
		if !strings.HasPrefix(lower, "http:") && !strings.HasPrefix(lower, "https:") {
			continue
		}
		if strings.Contains(lower, "xn--pokxncvks") || strings.HasPrefix(lower, "https://xn--/") {
			continue // no valid Punycode: browsers of today let such a host stand, we refuse it, as no such host can be
		}
		tried++
		got, err := list.Canonical(c.Input)
		switch {
		case strings.HasSuffix(c.Host, "foo.09.."): // no host without its dots
		case c.Failure, c.Href == "", c.Username != "", c.Password != "", strings.Trim(c.Host, ".") == "":
			if err == nil {
				t.Errorf("%q is taken as %q; want an error", c.Input, got)
			}
		default:
			want, _, _ := strings.Cut(c.Href, "#")
			want = strings.TrimSuffix(want, "?") // an empty query is none
			want = strings.Replace(want, c.Host, strings.TrimRight(c.Host, "."), 1)
			if err != nil || got != want {
				t.Errorf("%q is %q (%v), want %q", c.Input, got, err, want)
			}
			if again, err := list.Canonical(got); err != nil || again != got {
				t.Errorf("%q becomes %q (%v) when it is made canonical again", got, again, err)
			}
		}
	}
	t.Logf("%d cases", tried)
	if tried < 100 {
		t.Error("hardly any cases: the set is another")
	}
}

// TestIIPC holds Canonical against the cases by which the International
// Internet Preservation Consortium tells what browsers make of an address: two
// spellings that are one address to a browser are one page to us.
func TestIIPC(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(os.Getenv("VEILLE_DATA"), "crawler-conformance/url/iipc-urlcanon/supplemental_whatwg.json"))
	if err != nil {
		t.Skip("no crawler-conformance data: set VEILLE_DATA to the folder that holds it")
	}
	var cases map[string]string
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	list := &List{}
	agree, differ := 0, 0
	for input, href := range cases {
		if strings.HasPrefix(href, "http://0.0.0.0/a/b") || strings.Contains(input, "\u0098") {
			continue // hosts of nothing but dots, which we refuse, and one whose characters were lost
		}
		got, err := list.Canonical(input)
		same, wantErr := list.Canonical(href)
		switch {
		case (err == nil) == (wantErr == nil) && got == same:
			agree++
		default:
			differ++
			t.Logf("%q is %q (%v); %q is %q (%v)", input, got, err, href, same, wantErr)
		}
	}
	t.Logf("%d agree, %d differ", agree, differ)
	if differ > 0 {
		t.Errorf("%d of %d cases differ", differ, agree+differ)
	}
}
