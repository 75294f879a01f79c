// Package attacks is a collection of hostile web pages for tests: ways in which
// pages have made browsers run something, load something, or be read otherwise
// than they were written.
package attacks

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed attacks.txt
var list string

// List returns the pages. evil is the attacker's server, "//host:port", which
// they try to reach; one that runs sets the document's title to "pwned".
func List(evil string) ([]string, error) {
	var out []string
	for n, line := range strings.Split(list, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, `"`) {
			var err error
			if line, err = strconv.Unquote(line); err != nil {
				return nil, fmt.Errorf("attacks.txt, line %d: %w", n+1, err)
			}
		}
		out = append(out, strings.ReplaceAll(line, "{evil}", evil))
	}
	return out, nil
}
