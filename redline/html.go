package redline

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed edits.html
var editsText string

//go:embed page.html
var pageText string

// Templates adds to a set of templates those that draw a [View]: "redline",
// the whole of it; "redline-piece", one edit; "redline-words", a run of words.
// They are plain HTML with class names and no style, for a page under a strict
// content security policy:
//
//	.edit .op-…   an edit; .from where a passage stood, .came where it stands
//	.path .meta   what stands above it
//	.wording      its words; del and ins, and .moved around what only moved
//	.sides .old .new  the two columns of the layout "side"
//	.why          the senses; details.hidden the edits of no weight
//	.vh           words for those who hear the page
func Templates(set *template.Template) (*template.Template, error) {
	set, err := set.Parse(editsText)
	if err != nil {
		return nil, fmt.Errorf("templates of the redline: %w", err)
	}
	return set, nil
}

var (
	parts = template.Must(Templates(template.New("parts")))
	page  = template.Must(template.Must(parts.Clone()).New("page").Parse(pageText))
)

// Fragment writes a view as a piece of a web page, by the templates of [Templates].
func Fragment(w io.Writer, v *View) error { return parts.ExecuteTemplate(w, "redline", v) }

// HTML writes a change as a whole web page that needs nothing else: no script,
// no style sheet, no picture. What moved is struck out where it stood and
// linked with where it stands. Edits of no weight are counted, and one click
// away. Nil labels are English.
func HTML(w io.Writer, c *Change, layout Layout, labels *Labels) error {
	v := Arrange(c, layout, 0, labels)
	return page.Execute(w, struct {
		*Change
		View *View
		Day  string
	}{c, v, c.day()})
}
