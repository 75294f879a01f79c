package evidence

import (
	"bytes"
	_ "embed"
	"strings"
	"text/template"
	"time"
)

//go:embed readme.md
var readmeText string

// readme is the bundle's README.md: what it shows, for a layperson. It follows
// from the claim alone, so that [Check] can write it again.
func readme(c *Claim) []byte { return fill("README.md", readmeText, c) }

// fill writes a text of ours, in Markdown, with what is to stand in it: "when"
// writes a time, "inert" a text of others.
func fill(name, text string, data any) []byte {
	t := template.Must(template.New(name).Funcs(template.FuncMap{"inert": inert, "when": func(t time.Time) string {
		return t.UTC().Format("2 January 2006, 15:04:05 UTC")
	}}).Parse(text))
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		panic(err) // the template is ours and has no input that can fail
	}
	return b.Bytes()
}

var marks = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "\r", " ", "\n", " ")

// inert is a text, one line of it, that no viewer of Markdown takes for a link,
// a picture, HTML or a table's cell: what a page calls itself is not ours.
func inert(s string) string { return marks.Replace(s) }
