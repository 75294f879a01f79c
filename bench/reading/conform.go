package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"veille/source"
)

// conform runs the conformance cases of the URL Standard that apply to the
// addresses Veille takes: http and https ones without a user name. What its
// rule drops on purpose, the fragment, is dropped from the wanted address too.
func (b *bench) conform(context.Context) error {
	file := filepath.Join(b.data, "crawler-conformance", "url", "tests", "wpt", "urltestdata.json")
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		fmt.Printf("conform: skipped, crawler-conformance is not in %s\n", b.data)
		return nil
	}
	if err != nil {
		return err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	var list source.List
	right, cases, refused, refusals, stable := 0, 0, 0, 0, 0
	for _, r := range raw {
		var c struct {
			Input, Href, Username, Password string
			Base                            *string
			Failure                         bool
		}
		if json.Unmarshal(r, &c) != nil || c.Base != nil && *c.Base != "about:blank" {
			continue // comments, and addresses relative to another
		}
		web := strings.HasPrefix(strings.ToLower(strings.TrimSpace(c.Input)), "http")
		if !web || c.Username != "" || c.Password != "" {
			continue
		}
		got, err := list.Canonical(c.Input)
		if c.Failure {
			refusals++
			if err != nil {
				refused++
			} else if b.worst > 0 {
				fmt.Printf("    %q is taken as %q\n", c.Input, got)
			}
			continue
		}
		want, _, _ := strings.Cut(c.Href, "#")
		want = strings.TrimSuffix(want, "?")
		cases++
		if got == want {
			right++
		} else if b.worst > 0 {
			fmt.Printf("    %q is %q (%v), want %q\n", c.Input, got, err, want)
		}
		if again, err := list.Canonical(got); err == nil && again == got {
			stable++
		}
	}
	fmt.Printf("\n%-52s %6s %8s\n", "URL Standard, absolute http(s) addresses", "cases", "right")
	fmt.Printf("%-52s %6d %8d\n", "  canonical as the standard serialises them", cases, right)
	fmt.Printf("%-52s %6d %8d\n", "  canonical of the canonical is itself", cases, stable)
	fmt.Printf("%-52s %6d %8d\n", "  what the standard refuses is refused", refusals, refused)
	return nil
}
