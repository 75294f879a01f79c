package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"veille/archive"
	"veille/source"
)

// strategyJSON is the strategy of JSON documents of which the source says
// what their fields are.
const strategyJSON = "json"

// maxJSONValues bounds the values of one document.
const maxJSONValues = 2_000_000

var (
	errJSONFields = errors.New("has no fields named for it: say under `read:` in sources.yaml which hold the text")
	errJSONNone   = errors.New("has none of the fields that `read:` in sources.yaml names")
	errJSONSize   = errors.New("holds too many values")
)

// A jsonReader reads the answers of APIs: the fields that the source names
// ([source.Read]), and JSON Feeds, whose fields are known.
type jsonReader struct{}

// jsonFeed is how a JSON Feed (version 1.1) is read.
var jsonFeed = func() *source.Read {
	path := func(s string) source.Path {
		p, err := source.ParsePath(s)
		if err != nil {
			panic(err) // a constant of this file
		}
		return p
	}
	return &source.Read{Title: path("title"), Lang: path("language"), Body: []source.Field{{Path: path("items[].title"), Heading: true},
		{Path: path("items[].content_html")}, {Path: path("items[].content_text")}}}
}()

func (jsonReader) read(ctx context.Context, in *input) (*document, error) {
	body := toUTF8(in.capture.Header, in.body)
	if bytes.Count(body, []byte(","))+bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > maxJSONValues {
		return nil, errJSONSize
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var root any
	if err := d.Decode(&root); err != nil {
		return nil, fmt.Errorf("is damaged or cut short (%w)", err)
	}
	var fields *source.Read
	if in.source != nil {
		fields = in.source.Read
	}
	if m, ok := root.(map[string]any); ok && fields == nil {
		if v, _ := m["version"].(string); strings.Contains(v, "jsonfeed.org/version/") {
			fields = jsonFeed
		}
	}
	if fields == nil {
		return nil, errJSONFields
	}
	w := &jsonDoc{ctx: ctx, d: &document{strategy: strategyJSON}}
	w.d.title = markupText(ctx, scalar(firstAt(root, fields.Title)))
	w.d.lang = langCode(scalar(firstAt(root, fields.Lang)))
	w.d.published = parseDate(scalar(firstAt(root, fields.Date)))
	w.d.updated = parseDate(scalar(firstAt(root, fields.Updated)))
	if w.d.title != "" {
		if err := w.d.add(archive.Block{Kind: archive.Heading, Level: 1, Text: w.d.title}); err != nil {
			return nil, err
		}
	}
	before := len(w.d.blocks)
	if err := w.tell(root, fields.Body); err != nil {
		return nil, err
	}
	if len(w.d.blocks) == before {
		return nil, errJSONNone
	}
	return w.d, nil
}

// A jsonDoc is a document under way.
type jsonDoc struct {
	ctx context.Context
	d   *document
}

// tell adds what fields lead to, from value on. Fields that begin with the
// same step are followed together, so that the elements of an array are told
// one after the other, each with all its fields.
func (w *jsonDoc) tell(value any, fields []source.Field) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	for i := 0; i < len(fields); {
		if len(fields[i].Path) == 0 {
			if err := w.leaf(value, fields[i].Heading); err != nil {
				return err
			}
			i++
			continue
		}
		step, j := fields[i].Path[0], i
		var inner []source.Field
		for ; j < len(fields) && len(fields[j].Path) > 0 && fields[j].Path[0] == step; j++ {
			inner = append(inner, source.Field{Path: fields[j].Path[1:], Heading: fields[j].Heading})
		}
		for _, v := range take(value, step) {
			if err := w.tell(v, inner); err != nil {
				return err
			}
		}
		i = j
	}
	return nil
}

// take goes one step.
func take(value any, step source.Step) []any {
	switch v := value.(type) {
	case map[string]any:
		if inner, ok := v[step.Name]; ok && !step.Each && step.Index < 0 {
			return []any{inner}
		}
	case []any:
		switch {
		case step.Each:
			return v
		case step.Index >= 0 && step.Index < len(v):
			return v[step.Index : step.Index+1]
		}
	}
	return nil
}

// firstAt is the first value that a path leads to, nil if there is none.
func firstAt(value any, path source.Path) any {
	if len(path) == 0 {
		return nil
	}
	for _, step := range path {
		next := take(value, step)
		if len(next) == 0 {
			return nil
		}
		value = next[0]
	}
	return value
}

func scalar(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	return ""
}

// leaf adds a value: text, HTML, or a list of such. Objects say nothing by
// themselves.
func (w *jsonDoc) leaf(value any, heading bool) error {
	if list, ok := value.([]any); ok {
		for _, v := range list {
			if _, isList := v.([]any); isList {
				continue
			}
			if err := w.leaf(v, heading); err != nil {
				return err
			}
		}
		return nil
	}
	s := scalar(value)
	if heading {
		return w.d.add(archive.Block{Kind: archive.Heading, Level: 2, Text: markupText(w.ctx, s)})
	}
	blocks, err := markupBlocks(w.ctx, s)
	if err != nil {
		return err
	}
	return w.d.addAll(blocks, 1)
}

// markup recognises HTML in a value that may be plain text.
var markup = regexp.MustCompile(`</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]*)?/?>|&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[a-zA-Z][a-zA-Z0-9]*);|<!--`)
