package evidence

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// References in the forms that reference managers read. All say the same: who
// published what where, which wording, when it was seen to come about, and how
// it can be checked.

// Text is the citation for a footnote, on one line.
func (c *Citation) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, “%s”", c.Publisher, c.Title)
	if c.Identifier != "" {
		fmt.Fprintf(&b, ", %s", c.Identifier)
	}
	if len(c.Path) > 0 {
		fmt.Fprintf(&b, ", %s", tidy(strings.Join(c.Path, " › ")))
	}
	if c.Quote != "" {
		fmt.Fprintf(&b, ": “%s”", c.Quote)
	}
	fmt.Fprintf(&b, ", %s", c.URL)
	if d := c.dated(); d != "" {
		fmt.Fprintf(&b, " (dated %s)", d)
	}
	what := "wording"
	if c.Gone {
		what = "withdrawal"
	}
	fmt.Fprintf(&b, "; %s %d of the page (version %d), %s, %s.", what, c.Number, c.Version, c.Interval(), c.Standing())
	var check []string
	for _, s := range []string{c.permalink(), c.Proof()} {
		if s != "" {
			check = append(check, s)
		}
	}
	if len(check) > 0 {
		b.WriteString(" " + strings.Join(check, "; ") + ".")
	}
	return b.String()
}

// permalink is the permanent link, "" where it has no host: nobody could follow it.
func (c *Citation) permalink() string {
	if strings.HasPrefix(c.Link, "/") {
		return ""
	}
	return c.Link
}

// note is what has no field of its own in any form.
func (c *Citation) note() string {
	parts := []string{"Version " + c.Interval() + ", " + c.Standing() + "."}
	if len(c.Path) > 0 {
		parts = append(parts, "Passage: "+tidy(strings.Join(c.Path, " › "))+".")
	}
	if c.permalink() != "" {
		parts = append(parts, "Archived: "+c.Archived)
	}
	if p := c.Proof(); p != "" {
		parts = append(parts, p+".")
	}
	return strings.Join(parts, " ")
}

// dated is the date that the page gives for itself, of its update or else of
// its publication; "" where it gives none.
func (c *Citation) dated() string {
	if c.Updated != "" {
		return c.Updated
	}
	return c.Published
}

// key names the reference in a list: "be-fedasil-return-v41".
func (c *Citation) key() string {
	k := fmt.Sprintf("%s-v%d", c.Source, c.Version)
	if c.Block >= 0 {
		k += fmt.Sprintf("-b%d", c.Block)
	}
	return k
}

// texNames are the languages as babel calls them.
var texNames = map[string]string{"en": "english", "fr": "french", "nl": "dutch", "de": "german", "es": "spanish", "it": "italian", "pt": "portuguese", "pl": "polish"}

// texText has what TeX would take for a command, and braces, which would end the field.
var texText = strings.NewReplacer(`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `$`, `\$`, `&`, `\&`, `#`, `\#`, `%`, `\%`, `_`, `\_`, `^`, `\textasciicircum{}`, `~`, `\textasciitilde{}`)

// texURL is an address in a field that is read verbatim: nothing is escaped
// there but what would end it.
var texURL = strings.NewReplacer(`{`, `%7B`, `}`, `%7D`, `\`, `%5C`, ` `, `%20`)

// BibTeX is the reference as an entry for BibLaTeX and BibTeX: @online, or
// @legislation or @jurisdiction where the address names an act or a judgment.
func (c *Citation) BibTeX() string {
	var b strings.Builder
	kind := map[string]string{CiteLegislation: "legislation", CiteCase: "jurisdiction"}[c.Type]
	if kind == "" {
		kind = "online"
	}
	fmt.Fprintf(&b, "@%s{%s,\n", kind, c.key())
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %s = {%s},\n", name, value)
		}
	}
	field("author", "{"+texText.Replace(c.Publisher)+"}")
	field("title", texText.Replace(c.Title))
	field("number", texText.Replace(c.Identifier))
	field("date", c.dated())
	field("url", texURL.Replace(c.URL))
	field("urldate", c.LastSeen.UTC().Format(time.DateOnly))
	field("version", fmt.Sprint(c.Version))
	field("language", texNames[c.Lang])
	field("note", texText.Replace(c.note()))
	field("annotation", texText.Replace(c.Quote))
	b.WriteString("}\n")
	return b.String()
}

// RIS is the reference as a record of tagged lines, ended as the format wants
// it by carriage return and line feed.
func (c *Citation) RIS() string {
	var b strings.Builder
	line := func(tag, value string) {
		if value = tidy(value); value != "" || tag == "ER" {
			fmt.Fprintf(&b, "%s  - %s\r\n", tag, value)
		}
	}
	kind := map[string]string{CiteLegislation: "STAT", CiteCase: "CASE"}[c.Type]
	if kind == "" {
		kind = "ELEC"
	}
	line("TY", kind)
	line("TI", c.Title)
	line("A1", c.Publisher)
	line("PB", c.Publisher)
	line("LA", c.Lang)
	line("M1", c.Identifier)
	line("UR", c.URL)
	line("L2", c.permalink())
	if d := c.dated(); d != "" {
		line("Y1", strings.ReplaceAll(d, "-", "/")+"/")
	}
	line("Y2", c.LastSeen.UTC().Format("2006/01/02")+"/")
	line("ET", fmt.Sprint(c.Version))
	line("ID", c.key())
	line("N1", c.note())
	line("N2", c.Quote)
	line("ER", "")
	return b.String()
}

// A CSLItem is an item of CSL-JSON 1.0; ECLI and other numbers stand in number,
// for which CSL has no variable of their own.
type CSLItem struct {
	ID              string    `json:"id"`
	Type            string    `json:"type"`
	ContainerTitle  string    `json:"container-title,omitempty"`
	Title           string    `json:"title"`
	Author          []CSLName `json:"author,omitempty"`
	Publisher       string    `json:"publisher,omitempty"`
	Version         string    `json:"version"`
	Issued          *CSLDate  `json:"issued,omitempty"`
	Accessed        *CSLDate  `json:"accessed,omitempty"`
	URL             string    `json:"URL"`
	Archive         string    `json:"archive,omitempty"`
	ArchiveLocation string    `json:"archive_location,omitempty"`
	Number          string    `json:"number,omitempty"`
	Language        string    `json:"language,omitempty"`
	Section         string    `json:"section,omitempty"`
	Abstract        string    `json:"abstract,omitempty"` // the block's text
	Note            string    `json:"note"`
}

// A CSLName is the name of an institution.
type CSLName struct {
	Literal string `json:"literal"`
}

// A CSLDate is a day: one list of year, month, day.
type CSLDate struct {
	Parts [][]int `json:"date-parts"`
}

// CSL is the reference as a list of one item. "issued" is the date that the page
// gives; a page without one has none.
func (c *Citation) CSL() []CSLItem {
	item := CSLItem{ID: c.key(), Type: c.Type, ContainerTitle: c.Publisher, Title: c.Title, Author: []CSLName{{c.Publisher}}, Publisher: c.Publisher,
		Version: fmt.Sprint(c.Version), Accessed: cslDay(c.LastSeen), URL: c.URL, ArchiveLocation: c.permalink(), Number: c.Identifier, Language: c.Lang,
		Section: tidy(strings.Join(c.Path, " › ")), Abstract: c.Quote, Note: c.note()}
	if t, err := time.Parse(time.DateOnly, c.dated()); err == nil {
		item.Issued = cslDay(t)
	}
	if u, err := url.Parse(c.Link); err == nil {
		item.Archive = u.Host
	}
	return []CSLItem{item}
}

func cslDay(t time.Time) *CSLDate {
	t = t.UTC()
	return &CSLDate{[][]int{{t.Year(), int(t.Month()), t.Day()}}}
}
