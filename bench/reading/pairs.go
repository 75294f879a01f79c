package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"veille/archive"
)

// A changePair is two captures of a page, and what made them differ.
type changePair struct {
	ID, Label, Doc, URL, Before, After string
	VersionBefore                      string `json:"version_before"`
	VersionAfter                       string `json:"version_after"`
}

// pairs measures on ota-change-pairs, without any selector: of the pairs whose
// curated text changed, in how many are the changed words in main text; of the
// others, in how many does the main text stay the same.
func (b *bench) pairs(ctx context.Context) error {
	files, _ := filepath.Glob(filepath.Join(b.data, "ota-change-pairs", "*", "pairs.jsonl"))
	if len(files) == 0 {
		fmt.Printf("pairs: skipped, ota-change-pairs is not in %s\n", b.data)
		return nil
	}
	total, quiet, inMain, unread := map[string]int{}, map[string]int{}, 0, 0
	for _, file := range files {
		list, err := readPairs(file)
		if err != nil {
			return err
		}
		for _, p := range list {
			dir := filepath.Dir(file)
			before, version, err := readSaved(ctx, filepath.Join(dir, p.Before), p.URL, nil)
			if err != nil {
				return err
			}
			after, _, err := readSaved(ctx, filepath.Join(dir, p.After), p.URL, version)
			if err != nil {
				return err
			}
			if before == nil || after == nil {
				unread++
				if b.worst > 0 {
					fmt.Printf("%s %s %s: no content\n", p.ID, p.Label, p.Doc)
				}
				continue
			}
			total[p.Label]++
			same := before.main == after.main
			if same {
				quiet[p.Label]++
			}
			if p.Label == "content" {
				ok, missing, err := changedInMain(dir, &p, before, after)
				if err != nil {
					return err
				}
				if ok {
					inMain++
				} else if b.worst > 0 {
					fmt.Printf("%s content %s: not in main: %.200q\n", p.ID, p.Doc, missing)
				}
			} else if !same && b.worst > 0 && strings.HasPrefix(p.Label, "noise") {
				fmt.Printf("%s %s %s: %.300s\n", p.ID, p.Label, p.Doc, firstDifference(before.main, after.main))
			}
		}
	}
	fmt.Printf("\n%-52s %6s %8s %8s\n", "ota-change-pairs", "pairs", "share", "wanted")
	fmt.Printf("%-52s %6d %7.1f%% %8s\n", "  content: changed words are in main text", total["content"], 100*ratio(inMain, total["content"]), "99 %")
	noise, calm := total["noise"]+total["noise-visible"], quiet["noise"]+quiet["noise-visible"]
	fmt.Printf("%-52s %6d %7.1f%% %8s\n", "  noise, noise-visible: no difference in main text", noise, 100*ratio(calm, noise), "90 %")
	for _, l := range []string{"noise", "noise-visible", "content-format-or-link-only", "content"} {
		fmt.Printf("%-52s %6d %7.1f%%\n", "    "+l+": no difference in main text", total[l], 100*ratio(quiet[l], total[l]))
	}
	fmt.Printf("%-52s %6d\n", "  pairs with an answer that is no content", unread)
	return nil
}

func readPairs(file string) ([]changePair, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []changePair
	s := bufio.NewScanner(bytes.NewReader(data))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		var p changePair
		if err := json.Unmarshal(s.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// A reading is the text of a page by role.
type reading struct{ main, rest string }

func readFile(file string) ([]byte, error) {
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		data, err = os.ReadFile(file + ".gz")
	}
	if err != nil || !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, err
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func readSaved(ctx context.Context, file, url string, before *archive.Version) (*reading, *archive.Version, error) {
	data, err := readFile(file)
	if err != nil {
		return nil, nil, err
	}
	t, err := readPage(ctx, data, url, before)
	if err != nil || t.Version == nil {
		return nil, nil, err
	}
	var main, rest strings.Builder
	for i := range t.Version.Blocks {
		s := &rest
		if t.Version.Blocks[i].Role == archive.Main {
			s = &main
		}
		s.WriteString(t.Version.Blocks[i].Marker + " " + t.Version.Blocks[i].Text + "\n")
	}
	return &reading{main.String(), rest.String()}, t.Version, nil
}

// changedInMain reports whether the words that the curated texts gained or lost
// stand in blocks of main text that came or went; else it returns those that do
// not. Words that the page gained or lost nowhere, in markup or link targets,
// count for nothing.
func changedInMain(dir string, p *changePair, before, after *reading) (bool, string, error) {
	a, err := readFile(filepath.Join(dir, p.VersionBefore))
	if err != nil {
		return false, "", err
	}
	b, err := readFile(filepath.Join(dir, p.VersionAfter))
	if err != nil {
		return false, "", err
	}
	wanted := delta(string(a), string(b))
	visible := delta(before.main+before.rest, after.main+after.rest)
	came, went := onlyIn(after.main, before.main), onlyIn(before.main, after.main)
	var missing []string
	for w, n := range wanted {
		changed := came
		if n < 0 {
			changed = went
		}
		if v := visible[w]; v != 0 && (v > 0) == (n > 0) && changed[w] == 0 {
			missing = append(missing, w)
		}
	}
	slices.Sort(missing)
	return len(missing) == 0, strings.Join(missing, " "), nil
}

// onlyIn counts the words of the blocks that a has and b has not.
func onlyIn(a, b string) map[string]int {
	have := count(strings.Split(b, "\n"))
	var only strings.Builder
	for line := range strings.Lines(a) {
		if line = strings.TrimSuffix(line, "\n"); have[line] > 0 {
			have[line]--
			continue
		}
		only.WriteString(line + "\n")
	}
	return count(words(strings.ToLower(only.String())))
}

// delta counts the words that b has more of than a.
func delta(a, b string) map[string]int {
	m := count(words(strings.ToLower(b)))
	for w, n := range count(words(strings.ToLower(a))) {
		if m[w] -= n; m[w] == 0 {
			delete(m, w)
		}
	}
	return m
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("%.140q -> %.140q", x[i], y[i])
		}
	}
	return "one is longer"
}
