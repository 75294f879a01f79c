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
// that cannot be read is an error; the others are taken all the same.
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
	i.Progress = a.staged("importing")
	rep := &evidence.ImportReport{Skipped: []evidence.Skipped{}}
	err = i.Files(ctx, c.Files, rep)
	p := &pass{}
	if ctx.Err() == nil {
		err = errors.Join(err, h.sync(ctx, a, p))
	}
	if ctx.Err() != nil { // what was taken is read when the command is given again, or by the next pass
		err = errors.New("interrupted: what was taken stays; give the same command again to go on")
	}
	if err != nil && rep.Captures+rep.Duplicates+len(rep.Skipped) == 0 {
		return err
	}
	versions := 0
	if p.read != nil { // reading has begun
		versions = p.read.NewVersions
	}
	if c.JSON {
		err = errors.Join(err, writeJSON(a.out, struct {
			*evidence.ImportReport
			NewVersions int `json:"new_versions"`
		}{rep, versions}))
		return err
	}
	for _, s := range rep.Skipped {
		fmt.Fprintf(a.out, "%s, offset %d: skipped: %s\n", s.File, s.Offset, s.Reason)
	}
	fmt.Fprintf(a.out, "%d captures, %d duplicates, %d new versions, %d records that are no pages, %d skipped\n",
		rep.Captures, rep.Duplicates, versions, rep.Other, len(rep.Skipped))
	return err
}
