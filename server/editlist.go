package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"veille/diff"
)

// How the edits of a change are given: all of them, unless a part is asked for.
// A reformed code has a hundred thousand.

// manyEdits is from how many edits on a change is written edit by edit.
const manyEdits = 500

// PartParam are the parameters of operations that give a change. It is exported
// because what is embedded is read, and described, only then.
type PartParam struct {
	Limit  int `query:"limit" minimum:"0" doc:"So many edits at most; default: all of them. With limit or offset, edits_total says how many there are."`
	Offset int `query:"offset" minimum:"0" doc:"So many edits are passed over. What groups name are indexes into all of them."`
}

// Part is the change with some of its edits only: after offset, and not more than
// limit unless that is 0; the change itself if neither is given.
func (c *ChangeDocument) Part(limit, offset int) *ChangeDocument {
	if limit == 0 && offset == 0 {
		return c
	}
	part := *c
	total := len(c.Edits)
	from := min(offset, total)
	to := total
	if limit > 0 {
		to = min(from+limit, total)
	}
	part.Edits, part.EditsTotal = slices.Clone(c.Edits[from:to]), &total
	if part.Edits == nil {
		part.Edits = []diff.Edit{}
	}
	return &part
}

// editsMark is where the edits stand in a change without any: no text of a
// document holds a line feed.
const editsMark = "\n  \"edits\": ["

// writeEdits writes the same as [Write], a piece at a time, so that a large
// change is never in memory as text.
func (c *ChangeDocument) writeEdits(w io.Writer) error {
	shell := *c
	shell.Edits = []diff.Edit{}
	var b bytes.Buffer
	if err := Write(&b, &shell); err != nil {
		return err
	}
	head, tail, ok := bytes.Cut(b.Bytes(), []byte(editsMark))
	if !ok {
		return fmt.Errorf("write document: change %s has no place for edits", c.ID)
	}
	if _, err := fmt.Fprintf(w, "%s%s", head, editsMark); err != nil {
		return err
	}
	var piece bytes.Buffer
	enc := json.NewEncoder(&piece)
	enc.SetEscapeHTML(false)
	enc.SetIndent("    ", "  ")
	for i := range c.Edits {
		piece.WriteString(map[bool]string{true: "\n    ", false: ",\n    "}[i == 0])
		if err := enc.Encode(&c.Edits[i]); err != nil {
			return fmt.Errorf("write document: %w", err)
		}
		piece.Truncate(piece.Len() - 1) // the line feed
		if piece.Len() > 64<<10 || i == len(c.Edits)-1 {
			if _, err := w.Write(piece.Bytes()); err != nil {
				return err
			}
			piece.Reset()
		}
	}
	_, err := fmt.Fprintf(w, "\n  %s", tail)
	return err
}
