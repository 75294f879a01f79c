package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"veille/archive"
	"veille/source"
)

// A history is the dated states of some laws: each state is a page of its own,
// which is reworded once, by the state that followed. So there are as many
// passages as all states have together, and those that an amendment took away
// have ended.
type history struct{ dir, lang, source, jurisdiction string }

var histories = []history{
	{"be-fr-constitution/versions", "fr", "be-constitution", "BE"}, {"be-fr-loi-1999-04-29/versions", "fr", "be-law", "BE"},
	{"fr-ceseda/versions", "fr", "fr-ceseda", "FR"}, {"de-gesetze/*", "de", "de-laws", "DE"}, {"de-ch-li/*", "de", "ch-li-laws", "CH"},
	{"nl-vreemdelingenrecht/*", "nl", "nl-laws", "NL"}, {"en-fr-canada/en-*", "en", "ca-laws", "CA"}, {"en-fr-canada/fr-*", "fr", "ca-laws", "CA"},
}

// publishers are the sources of the pages. Where the histories have too few
// passages, they are published again by mirrors.
func publishers(mirrors int) *source.List {
	list := &source.List{}
	for mirror := range mirrors {
		for _, h := range histories {
			id := mirrored(h.source, mirror)
			if list.Source(id) == nil {
				list.Sources = append(list.Sources, &source.Source{ID: id, Kind: "gazette", Jurisdiction: h.jurisdiction, Topics: []string{"returns"}})
			}
		}
	}
	return list
}

func mirrored(id string, mirror int) string {
	if mirror == 0 {
		return id
	}
	return fmt.Sprintf("%s-mirror-%d", id, mirror)
}

const maxMirrors = 50

// A page is one state, and the one that followed.
type page struct {
	url, source, lang string
	at                [2]time.Time
	files             []string // one or two
}

// pages lists those of one mirror.
func pages(data string, mirror int) ([]page, error) {
	var out []page
	for _, h := range histories {
		dirs, err := filepath.Glob(filepath.Join(data, h.dir))
		if err != nil {
			return nil, err
		}
		for _, dir := range dirs {
			files, err := filepath.Glob(filepath.Join(dir, "*.md"))
			if err != nil {
				return nil, err
			}
			slices.Sort(files)
			for i, f := range files {
				p := page{source: mirrored(h.source, mirror), lang: h.lang, files: files[i:min(i+2, len(files))],
					url: fmt.Sprintf("https://mirror-%d.example.org/%s/%d", mirror, filepath.Base(dir)+"-"+h.lang, i)}
				for k := range p.files {
					p.at[k] = dated(f, i).AddDate(0, 0, 30*k)
				}
				out = append(out, p)
			}
		}
	}
	return out, nil
}

// dated is the date of a state by its file's name, or a day for each of them.
func dated(file string, n int) time.Time {
	if t, err := time.Parse(time.DateOnly, strings.TrimSuffix(filepath.Base(file), ".md")); err == nil && t.Year() > 1970 {
		return t
	}
	return time.Date(1999, 4, 29, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 90*n)
}

// blocks reads a state: headings with their levels, everything else by line.
func blocks(file string) ([]archive.Block, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []archive.Block
	var path []string
	for line := range strings.Lines(string(b)) {
		level := len(line) - len(strings.TrimLeft(line, "#"))
		text := strings.Join(strings.Fields(strings.Trim(line, "#*- \r\n\t")), " ")
		if text == "" {
			continue
		}
		block := archive.Block{Kind: archive.Paragraph, Role: archive.Main, Text: text}
		if level > 0 {
			level = min(level, 6)
			path = path[:min(len(path), level-1)]
			block.Kind, block.Level = archive.Heading, level
		}
		block.Path = slices.Clone(path)
		out = append(out, block)
		if level > 0 {
			path = append(slices.Clone(path), text)
		}
	}
	return out, nil
}
