package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"veille/archive"
)

type verifyCmd struct {
	JSON bool `help:"Print one JSON document."`
}

// Run reads the whole archive again. Damage is listed and makes the exit
// status 1.
func (c *verifyCmd) Run(ctx context.Context, a *app) error {
	if _, err := os.Stat(filepath.Join(a.flags.Data, "warc")); err != nil {
		return fmt.Errorf("there is no archive in %s: %w; name it with --data", a.flags.Data, err)
	}
	ar, err := archive.Open(a.flags.Data, a.log)
	if err != nil {
		return a.explainLock(err)
	}
	defer ar.Close()
	rep, err := ar.VerifyWith(ctx, a.byteProgress("verifying, KB"))
	if err != nil {
		return err
	}
	if c.JSON {
		err = writeJSON(a.out, rep)
	} else {
		for _, p := range rep.Problems {
			fmt.Fprintln(a.out, p)
		}
		fmt.Fprintf(a.out, "%d captures, %d versions, %d problems\n", rep.Captures, rep.Versions, len(rep.Problems))
	}
	if err == nil && !rep.OK {
		err = errFailed
	}
	return err
}

type rebuildCmd struct {
	NewLog bool `help:"Begin a new tamper-evident log, under a new key; the old one is kept as log.1, log.2, … For an archive whose records were altered or lost, once somebody has decided to go on with what is left."`
	JSON   bool `help:"Print one JSON document."`
}

// Run makes catalogue.db and index/ anew from warc/.
func (c *rebuildCmd) Run(ctx context.Context, a *app) error {
	list, err := a.loadSources()
	if err != nil {
		return err
	}
	if err := archive.RebuildWith(ctx, a.flags.Data, a.log, c.NewLog, a.byteProgress("rebuilding, KB")); err != nil {
		return a.explainLock(err)
	}
	if err := os.RemoveAll(filepath.Join(a.flags.Data, "index")); err != nil {
		return fmt.Errorf("remove old index: %w", err)
	}
	h, err := a.openWith(ctx, list)
	if err != nil {
		return a.explainLock(err)
	}
	defer h.close()
	if err := h.sync(ctx, a, &pass{}); err != nil {
		return err
	}
	s, err := h.archive.Stats(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(a.out, map[string]int64{"captures": s.Captures, "versions": s.Versions, "pages": s.Pages})
	}
	fmt.Fprintf(a.out, "rebuilt: %d captures, %d versions of %d pages\n", s.Captures, s.Versions, s.Pages)
	return nil
}

// byteProgress is the progress of what reads WARC files, in kilobytes; nil if
// nobody wants to know.
func (a *app) byteProgress(what string) func(done, total int64) {
	progress := a.progress(what)
	if progress == nil {
		return nil
	}
	return func(done, total int64) { progress(int(done>>10), int(total>>10), "") }
}
