package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// hostile measures documents made to cost much: 15 MB each.
func (b *bench) hostile(ctx context.Context) error {
	const size = 15 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	half := func(a, b string) string {
		return strings.Repeat(a, size/2/len(a)) + strings.Repeat(b, size/2/len(b))
	}
	fmt.Printf("\n%-34s %10s %10s %10s\n", "15 MB of", "wall s", "CPU s", "limit CPU")
	for _, c := range []struct{ name, body string }{
		{"nested <div>", fill("<div>")},
		{"nested <div>, closed", half("<div>", "</div>")},
		{"nested <b><p>", fill("<b><p>x")},
		{"nested <table><tr><td>", fill("<table><tr><td>x")},
		{"nested <ul><li>", fill("<ul><li>x")},
		{"nested <blockquote>", fill("<blockquote>x")},
		{"links", fill("<a href=#x>x</a> ")},
		{"paragraphs", fill("<p>A paragraph of some words, and more.</p>")},
		{"one line of text", fill("word ")},
		{"footnotes", fill("<p>x<sup><a href=#n>1</a></sup><p id=n>note")},
		{"abbreviations", fill("<abbr title=x>y</abbr> ")},
		{"line breaks", fill("1. x<br>")},
	} {
		wall, cpu := time.Now(), cpuTime()
		t, err := readPage(ctx, []byte("<html><body>"+c.body), "", nil)
		if err != nil {
			return err
		}
		fmt.Printf("%-34s %10.2f %10.2f %10s  %s %s\n", "  "+c.name, time.Since(wall).Seconds(), (cpuTime() - cpu).Seconds(), "5", t.Class, t.Reason)
	}
	return nil
}
