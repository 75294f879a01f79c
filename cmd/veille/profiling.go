package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"
)

// serveProfiles answers under /debug/pprof/ on an address of this machine, with
// what the Go tools show of a running program, until stop is called. Whoever can
// ask sees into the program, and can make it slow: other addresses are refused.
func serveProfiles(addr string) (stop func() error, err error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("--profile-listen %s: %w; give localhost:PORT", addr, err)
	}
	if !ofThisMachine(host) {
		return nil, fmt.Errorf("--profile-listen %s: profiles are for this machine only; give localhost:PORT", addr)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w; choose another address with --profile-listen", addr, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	s := &http.Server{Handler: straight(mux), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	return func() error { return errors.Join(s.Close(), ignoreClosed(<-served)) }, nil
}

// ofThisMachine reports whether a host is this machine under a name that nobody
// else can give it.
func ofThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// straight refuses what a browser asks on behalf of a page of another site, under
// a name that leads here, or across.
func straight(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = strings.Trim(r.Host, "[]")
		}
		if from := r.Header.Get("Sec-Fetch-Site"); !ofThisMachine(host) || from != "" && from != "none" && from != "same-origin" {
			http.Error(rw, "profiles are for this machine only", http.StatusForbidden)
			return
		}
		h.ServeHTTP(rw, r)
	})
}
