package crawler

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html/charset"

	"veille/source"
)

// A publication is one entry of a publisher's interface: its address, if it
// has one, and further values for templates of addresses.
type publication struct {
	url, title string
	note       string // what the publisher himself says has changed
	modified   time.Time
	values     map[string]string
}

// An interpreter reads one publisher's format. more are further parts of the
// same answer.
type interpreter func(address *url.URL, body []byte) (found []publication, more []string, err error)

// interpreters by the kinds of sources.yaml.
var interpreters = map[string]interpreter{
	"sparql":      readSPARQL,
	"govuk":       readGovUK,
	"hudoc":       readHUDOC,
	"legislation": readLegislation,
	"gesetze":     readGesetze,
	"rechtspraak": readRechtspraak,
}

// accepts are the Accept headers that these interfaces want.
var accepts = map[string]string{
	"sparql":      "application/sparql-results+json",
	"govuk":       "application/json",
	"legislation": "application/atom+xml",
	"rechtspraak": "application/atom+xml, application/xml;q=0.9",
	"gesetze":     "application/xml, text/xml",
	"hudoc":       "application/rss+xml, application/json;q=0.9, */*;q=0.1",
}

// maxPublications is the most entries of one answer that are looked at.
const maxPublications = 50_000

// published makes a finder of a publisher's interface.
func published(d *source.Discovery) finder {
	read := interpreters[d.As]
	return func(address string, body []byte, _ string) ([]link, []string, error) {
		at, err := url.Parse(address)
		if err != nil {
			return nil, nil, err
		}
		found, more, err := read(at, body)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", d.As, err)
		}
		var links []link
		for _, p := range found[:min(len(found), maxPublications)] {
			links = append(links, linksOf(d, at, &p)...)
		}
		return links, more, nil
	}
}

// linksOf are the addresses of one entry: one for each template, twins of one
// document, or else its own.
func linksOf(d *source.Discovery, at *url.URL, p *publication) []link {
	if len(d.Page) == 0 {
		to, err := at.Parse(strings.TrimSpace(p.url))
		if err != nil || p.url == "" {
			return nil
		}
		return []link{{url: to.String(), title: p.title, note: p.note, modified: p.modified}}
	}
	values := map[string]string{"url": p.url, "title": p.title}
	for k, v := range p.values {
		values[k] = v
	}
	var links []link
	for _, t := range d.Page {
		if to := t.Fill(values); to != "" {
			links = append(links, link{url: to, title: p.title, note: p.note, modified: p.modified, lang: t.Lang, given: true})
		}
	}
	if len(links) > 1 {
		for i := range links {
			links[i].document = links[0].url
		}
	}
	return links
}

// readSPARQL reads SPARQL 1.1 Query Results JSON: each solution is an entry,
// and its variables are values. The address is ?page, ?url or ?work. As many
// solutions as the query's LIMIT allows are a page of them, and the same query
// with a greater OFFSET asks for the next.
func readSPARQL(at *url.URL, body []byte) ([]publication, []string, error) {
	var doc struct {
		Results struct {
			Bindings []map[string]struct{ Type, Value string }
		}
		Head *struct{}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, nil, fmt.Errorf("the answer is no SPARQL result: %w", err)
	}
	if doc.Head == nil {
		return nil, nil, errors.New("the answer is no SPARQL result")
	}
	var out []publication
	for _, b := range doc.Results.Bindings {
		p := publication{values: map[string]string{}}
		for name, v := range b {
			p.values[name] = v.Value
		}
		for _, name := range []string{"page", "url", "work"} {
			if p.url == "" {
				p.url = p.values[name]
			}
		}
		p.title = p.values["title"]
		out = append(out, p)
	}
	return out, nextSolutions(at, len(out)), nil
}

var (
	queryLimit  = regexp.MustCompile(`(?i)\bLIMIT\s+(\d{1,6})\b`)
	queryOffset = regexp.MustCompile(`(?i)\bOFFSET\s+(\d{1,7})\b`)
)

// nextSolutions is the address that asks for the solutions after these, none
// if these were the last ones.
func nextSolutions(at *url.URL, solutions int) []string {
	ask := at.Query()
	query := ask.Get("query")
	limits := queryLimit.FindAllStringSubmatchIndex(query, -1)
	if len(limits) == 0 {
		return nil
	}
	last := limits[len(limits)-1] // those before are of queries within
	limit, err := strconv.Atoi(query[last[2]:last[3]])
	if err != nil || limit == 0 || solutions < limit || strings.Contains(query[last[1]:], "}") {
		return nil
	}
	offset := limit
	if m := queryOffset.FindAllStringSubmatchIndex(query, -1); len(m) > 0 && !strings.Contains(query[m[len(m)-1][1]:], "}") {
		end := m[len(m)-1]
		before, err := strconv.Atoi(query[end[2]:end[3]])
		if err != nil {
			return nil
		}
		query = query[:end[2]] + strconv.Itoa(before+offset) + query[end[3]:]
	} else {
		query += " OFFSET " + strconv.Itoa(offset)
	}
	ask.Set("query", query)
	next := *at
	next.RawQuery = ask.Encode()
	return []string{next.String()}
}

// A govLink is what GOV.UK's content API says of another item.
type govLink struct {
	Title    string `json:"title"`
	BasePath string `json:"base_path"`
}

// A govChange is a note of a change: manuals and other items name its parts
// differently.
type govChange struct {
	govLink
	Note  string `json:"change_note"`
	Plain string `json:"note"`
	At    string `json:"published_at"`
	AtToo string `json:"public_timestamp"`
}

// A govItem is an item of the content API, as far as it matters here.
type govItem struct {
	govLink
	Links   map[string]json.RawMessage
	Details struct {
		Groups []struct {
			Sections []govLink `json:"child_sections"`
		} `json:"child_section_groups"`
		Notes   []govChange `json:"change_notes"`
		History []govChange `json:"change_history"`
	}
}

// readGovUK reads an item of the GOV.UK content API: what it lists – children,
// documents, sections of a manual – and the notes of its changes, which name
// the section that was changed or are about the item itself. An entry's address
// is that of the page for people; {path} is its base_path.
func readGovUK(at *url.URL, body []byte) ([]publication, []string, error) {
	var doc govItem
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, nil, fmt.Errorf("the answer is no content item: %w", err)
	}
	if doc.BasePath == "" {
		return nil, nil, errors.New("the answer is no content item: it has no base_path")
	}
	g := &govContents{at: at, place: map[string]int{}}
	for _, c := range doc.Details.Notes { // the publisher gives the newest first
		g.changed(c.govLink, c)
	}
	if h := doc.Details.History; len(h) > 0 {
		g.changed(doc.govLink, h[0])
	}
	for _, group := range doc.Details.Groups {
		for _, s := range group.Sections {
			g.add(s)
		}
	}
	for _, name := range []string{"children", "documents", "sections", "attachments"} {
		var of []govLink
		if json.Unmarshal(doc.Links[name], &of) == nil {
			for _, l := range of {
				g.add(l)
			}
		}
	}
	return g.out, nil, nil
}

// govContents gathers what an item names, each page once.
type govContents struct {
	at    *url.URL
	out   []publication
	place map[string]int // by base_path
}

// add adds a page and returns its entry, nil if it has no place on the site.
func (g *govContents) add(l govLink) *publication {
	if !strings.HasPrefix(l.BasePath, "/") {
		return nil
	}
	i, known := g.place[l.BasePath]
	if !known {
		i, g.place[l.BasePath] = len(g.out), len(g.out)
		g.out = append(g.out, publication{url: g.at.Scheme + "://" + g.at.Host + l.BasePath, title: l.Title,
			values: map[string]string{"path": strings.TrimPrefix(l.BasePath, "/")}})
	}
	return &g.out[i]
}

// changed adds a page with the note of its latest change.
func (g *govContents) changed(l govLink, c govChange) {
	p := g.add(l)
	if p == nil || p.note != "" {
		return
	}
	when := c.At + c.AtToo
	p.note, p.modified = c.Note+c.Plain, lastmod(when)
	if p.note != "" && len(when) >= 10 {
		p.note = when[:10] + ": " + p.note
	}
}

var (
	hudocItem    = regexp.MustCompile(`\b(00[1-9]-\d{4,7})\b`)
	hudocLibrary = regexp.MustCompile(`(?i)\b(echr|exec|cpt)`)
)

// readHUDOC reads HUDOC's RSS, or the answer of its query. Its pages are
// shells of JavaScript; the texts stand at the conversion's address. {id} is
// the item.
func readHUDOC(at *url.URL, body []byte) ([]publication, []string, error) {
	library := "ECHR"
	if m := hudocLibrary.FindString(at.Query().Get("library") + " " + at.Query().Get("query") + " " + at.Host); m != "" {
		library = strings.ToUpper(m)
	}
	text := func(id, title string) publication {
		return publication{title: title, values: map[string]string{"id": id},
			url: at.Scheme + "://" + at.Host + "/app/conversion/docx/html/body?library=" + library + "&id=" + id}
	}
	var out []publication
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		var doc struct {
			Results []struct{ Columns map[string]json.RawMessage }
		}
		if err := json.Unmarshal(body, &doc); err != nil {
			return nil, nil, fmt.Errorf("the answer is no query result: %w", err)
		}
		for _, r := range doc.Results {
			var id, title string
			if json.Unmarshal(r.Columns["itemid"], &id) == nil && hudocItem.MatchString(id) {
				_ = json.Unmarshal(r.Columns["docname"], &title) // a result without a name is one all the same
				out = append(out, text(id, title))
			}
		}
		return out, nil, nil
	}
	links, _, err := feedLinks(at.String(), body, "")
	if err != nil {
		return nil, nil, err
	}
	for _, l := range links {
		decoded, err := url.QueryUnescape(l.url)
		if err != nil {
			decoded = l.url
		}
		if id := hudocItem.FindString(decoded); id != "" {
			out = append(out, text(id, l.title))
		}
	}
	return out, nil, nil
}

// readGesetze reads the table of contents of gesetze-im-internet.de: some six
// thousand laws, each with the address of its XML in a ZIP file; `titles` of
// follow chooses among them. {law} is the law's name there: aufenthg_2004.
func readGesetze(_ *url.URL, body []byte) ([]publication, []string, error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = charset.NewReaderLabel
	var out []publication
	root := ""
	for len(out) < maxPublications {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("the table of contents breaks off: %w", err)
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		if root == "" {
			root = e.Name.Local
		}
		if e.Name.Local != "item" {
			continue
		}
		var item struct {
			Title string `xml:"title"`
			Link  string `xml:"link"`
		}
		if err := d.DecodeElement(&item, &e); err != nil {
			return nil, nil, fmt.Errorf("the table of contents breaks off: %w", err)
		}
		p := publication{url: strings.TrimSpace(item.Link), title: strings.Join(strings.Fields(item.Title), " ")}
		if u, err := url.Parse(p.url); err == nil {
			law, _, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
			p.values = map[string]string{"law": law}
		}
		out = append(out, p)
	}
	if root != "items" {
		return nil, nil, fmt.Errorf("the answer is no table of contents but <%s>", root)
	}
	return out, nil, nil
}
