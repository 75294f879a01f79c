package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"veille/archive"
	"veille/extract"
	"veille/source"
)

// past is what the archive knows of a page that is tried, and a sentence about
// that. A page can be tried without an archive, and beside a running server,
// which has the archive to itself: then it is read as if for the first time.
func (a *app) past(ctx context.Context, list *source.List, address string) (past *extract.Past, told string) {
	first := &extract.Past{}
	if _, err := os.Stat(filepath.Join(a.flags.Data, "catalogue.db")); err != nil {
		return first, "read as if for the first time: there is no archive"
	}
	ar, err := archive.Open(a.flags.Data, a.log)
	if err != nil {
		return first, "read as if for the first time: the archive cannot be asked (" + err.Error() + ")"
	}
	defer ar.Close()
	if canonical, err := list.Canonical(address); err == nil {
		address = canonical
	}
	past, err = extract.PastOf(ctx, ar, address)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return first, "read as if for the first time: the archive does not have the page"
	case err != nil:
		return first, "read as if for the first time: " + err.Error()
	}
	return past, "read after the page's latest version in the archive, and with what was learned from it"
}
