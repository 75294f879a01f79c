package main

import (
	"context"
	"errors"
	"fmt"

	"veille/evidence"
)

type importCmd struct {
	Files  []string `arg:"" name:"file" help:"WARC or WACZ files."`
	Source string   `placeholder:"ID" help:"Source that all captures shall belong to; the one that names their address, if it is not given, or else \"imported\"."`
	JSON   bool     `help:"Print one JSON document."`
}

// Run takes the captures of other crawlers in, reads and indexes them. A file
// that cannot be read is an error; what came before it stays.
func (c *importCmd) Run(ctx context.Context, a *app) error {
	h, err := a.open(ctx)
	if err != nil {
		return a.explainLock(err)
	}
	defer h.close()
	if c.Source != "" && c.Source != evidence.UnclaimedSource && h.sources.Source(c.Source) == nil {
		return fmt.Errorf("there is no source %q in %s", c.Source, h.sources.File)
	}
	i := &evidence.Importer{Archive: h.archive, Sources: h.sources, Source: c.Source, Now: a.now, Log: a.log}
	if progress := a.progress("importing"); progress != nil {
		i.Progress = func(done, total int64, what string) { progress(int(done), int(total), what) }
	}
	rep := &evidence.ImportReport{Skipped: []evidence.Skipped{}}
	for _, name := range c.Files {
		if err = i.File(ctx, name, rep); err != nil {
			break
		}
	}
	p := &pass{}
	if err = errors.Join(err, h.sync(context.WithoutCancel(ctx), a, p)); err != nil && rep.Captures+rep.Duplicates == 0 {
		return err
	}
	if c.JSON {
		err = errors.Join(err, writeJSON(a.out, struct {
			*evidence.ImportReport
			NewVersions int `json:"new_versions"`
		}{rep, p.read.NewVersions}))
		return err
	}
	for _, s := range rep.Skipped {
		fmt.Fprintf(a.out, "%s, offset %d: skipped: %s\n", s.File, s.Offset, s.Reason)
	}
	fmt.Fprintf(a.out, "%d captures, %d duplicates, %d new versions, %d records that are no pages, %d skipped\n",
		rep.Captures, rep.Duplicates, p.read.NewVersions, rep.Other, len(rep.Skipped))
	return err
}
