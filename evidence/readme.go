package evidence

import (
	"bytes"
	_ "embed"
	"text/template"
	"time"
)

//go:embed readme.md
var readmeText string

// readme is the bundle's README.md: what it shows, for a layperson. It follows
// from the claim alone, so that [Check] can write it again.
func readme(c *Claim) []byte {
	t := template.Must(template.New("README.md").Funcs(template.FuncMap{"when": func(t time.Time) string {
		return t.UTC().Format("2 January 2006, 15:04:05 UTC")
	}}).Parse(readmeText))
	var b bytes.Buffer
	if err := t.Execute(&b, c); err != nil {
		panic(err) // the template is ours and has no input that can fail
	}
	return b.Bytes()
}
