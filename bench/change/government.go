package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"veille/diff"
)

// government measures the six pairs of pages of United States authorities that
// edgi-change-labels calls by hand a change (truepos) or none (falsepos). No
// rule was tuned on them.
func government(t *table, data string) error {
	files, _ := filepath.Glob(filepath.Join(data, "edgi-change-labels", "example-data", "*-a.html"))
	if len(files) == 0 {
		fmt.Println("skipped: there is no edgi-change-labels in the data folder")
		return nil
	}
	for _, file := range files {
		c, err := comparePages(file, strings.TrimSuffix(file, "-a.html")+"-b.html")
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.Base(file), "-a.html")
		limit, ok := "<= 1", c.Weight < news
		if strings.HasPrefix(name, "truepos") {
			limit, ok = ">= 2", c.Weight >= news
		}
		t.row("authorities, "+name+": weight", fmt.Sprint(c.Weight), limit, ok)
		if t.show > 0 {
			printEdits(c, "en")
		}
	}
	return nil
}

// comparePages reads two saved pages and compares them.
func comparePages(old, new string) (*diff.Change, error) {
	body, err := os.ReadFile(old)
	if err != nil {
		return nil, err
	}
	before, err := read(body, "text/html", "en", nil)
	if err != nil || before == nil {
		return nil, fmt.Errorf("%s is no content: %w", old, err)
	}
	if body, err = os.ReadFile(new); err != nil {
		return nil, err
	}
	after, err := read(body, "text/html", "en", before)
	if err != nil || after == nil {
		return nil, fmt.Errorf("%s is no content: %w", new, err)
	}
	return diff.Between(before, after), nil
}
