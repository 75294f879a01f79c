package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
)

// A sample is one page with what is known of its main text.
type sample struct {
	id, file, url string
	kind          string // its type or language, for the table's rows
	held          bool   // not looked at while rules are tuned
	truth         string // the main text
	with, without []string
}

// load reads a set; nil if its folder is not there.
func (b *bench) load(set string) ([]sample, error) {
	dir := filepath.Join(b.data, "extraction")
	var out []sample
	var err error
	switch set {
	case "zyte":
		out, err = loadZyte(filepath.Join(dir, "zyte-aeb"))
	case "trafilatura":
		out, err = loadTrafilatura(filepath.Join(dir, "trafilatura"))
	case "wcxb":
		out, err = loadWCXB(filepath.Join(dir, "wcxb-dev"))
	}
	if os.IsNotExist(err) {
		return nil, nil
	}
	for i := range out {
		h := fnv.New32a()
		h.Write([]byte(out[i].id))
		out[i].held = h.Sum32()%2 == 1
	}
	return out, err
}

func readJSON(file string, v any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func loadZyte(dir string) ([]sample, error) {
	var truth map[string]struct {
		ArticleBody, URL string
	}
	if err := readJSON(filepath.Join(dir, "ground-truth.json"), &truth); err != nil {
		return nil, err
	}
	var out []sample
	for id, t := range truth {
		out = append(out, sample{id: id, file: filepath.Join(dir, "html", id+".html"), url: t.URL, kind: "article", truth: t.ArticleBody})
	}
	return out, nil
}

func loadTrafilatura(dir string) ([]sample, error) {
	var truth map[string]struct {
		File, Lang    string
		With, Without []string
	}
	if err := readJSON(filepath.Join(dir, "evaldata.json"), &truth); err != nil {
		return nil, err
	}
	var out []sample
	for url, t := range truth {
		out = append(out, sample{id: t.File, file: filepath.Join(dir, "pages", t.File), url: url, kind: t.Lang, with: t.With, without: t.Without})
	}
	return out, nil
}

func loadWCXB(dir string) ([]sample, error) {
	files, err := filepath.Glob(filepath.Join(dir, "ground-truth", "*.json"))
	if err != nil || len(files) == 0 {
		return nil, os.ErrNotExist
	}
	var out []sample
	for _, f := range files {
		var t struct {
			URL      string
			Internal struct {
				Type struct{ Primary string } `json:"page_type"`
			} `json:"_internal"`
			Truth struct {
				Main          string `json:"main_content"`
				With, Without []string
			} `json:"ground_truth"`
		}
		if err := readJSON(f, &t); err != nil {
			return nil, err
		}
		id := strings.TrimSuffix(filepath.Base(f), ".json")
		out = append(out, sample{id: id, file: filepath.Join(dir, "html", id+".html"), url: t.URL, kind: t.Internal.Type.Primary,
			truth: t.Truth.Main, with: t.Truth.With, without: t.Truth.Without})
	}
	return out, nil
}
