package main

import (
	"net"
	"net/http"
	"testing"
)

// Profiles are for who sits at this machine: not at another address, not under a
// name that somebody else lets lead here, and not for pages of other sites.
func TestProfilesAreForThisMachineOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.org:0", "localhost"} {
		if stop, err := serveProfiles(addr); err == nil {
			stop()
			t.Errorf("they are served at %s", addr)
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := free.Addr().String()
	free.Close()
	stop, err := serveProfiles(addr)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		host, site string
		want       int
	}{
		{addr, "", 200}, {"localhost", "none", 200}, {"[::1]:6060", "same-origin", 200},
		{"rebound.example:6060", "", 403}, {"127.0.0.1.example", "", 403}, {addr, "cross-site", 403}, {addr, "same-site", 403},
	}
	for _, test := range tests {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/debug/pprof/", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = test.host
		if test.site != "" {
			req.Header.Set("Sec-Fetch-Site", test.site)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != test.want {
			t.Errorf("asked as %q from %q it answers %d, want %d", test.host, test.site, res.StatusCode, test.want)
		}
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}
