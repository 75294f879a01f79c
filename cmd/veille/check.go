package main

import (
	"errors"
	"fmt"

	"veille/source"
)

type checkCmd struct {
	JSON bool `help:"Print one JSON document."`
}

// Run checks sources.yaml. Mistakes are listed, one a line, and make the exit
// status 1.
func (c *checkCmd) Run(a *app) error {
	list, err := source.Load(a.flags.Sources)
	var problems source.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	if c.JSON {
		doc := struct {
			OK       bool             `json:"ok"`
			Sources  int              `json:"sources"`
			Enabled  int              `json:"enabled"`
			Problems []checkedProblem `json:"problems"`
		}{OK: err == nil, Problems: []checkedProblem{}}
		for _, p := range problems {
			doc.Problems = append(doc.Problems, checkedProblem{p.File, p.Line, p.Col, p.What, p.Do})
		}
		doc.Sources, doc.Enabled = count(list)
		if werr := writeJSON(a.out, doc); werr != nil {
			return werr
		}
	} else if err != nil {
		fmt.Fprintln(a.out, problems.Error())
		fmt.Fprintf(a.err, "%s in %s\n", plural(len(problems), "mistake"), a.flags.Sources)
	} else {
		n, enabled := count(list)
		fmt.Fprintf(a.out, "%s: %s, %d enabled, no mistakes\n", a.flags.Sources, plural(n, "source"), enabled)
	}
	if err != nil {
		return errFailed
	}
	return nil
}

type checkedProblem struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	What string `json:"what"`
	Do   string `json:"do"`
}

func count(list *source.List) (all, enabled int) {
	if list == nil {
		return 0, 0
	}
	for _, s := range list.Sources {
		if s.Enabled {
			enabled++
		}
	}
	return len(list.Sources), enabled
}
