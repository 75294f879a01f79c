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
// and its variables are values. The address is ?page, ?url or ?work.
func readSPARQL(_ *url.URL, body []byte) ([]publication, []string, error) {
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
	return out, nil, nil
}

// readGovUK reads an item of the GOV.UK content API: what it lists – children,
// documents, sections of a manual – and the notes of its changes, which name
// the section that was changed or are about the item itself. An entry's address
// is that of the page for people; {path} is its base_path.
func readGovUK(at *url.URL, body []byte) ([]publication, []string, error) {
	type linked struct {
		Title    string `json:"title"`
		BasePath string `json:"base_path"`
	}
	type change struct {
		linked
		Note   string `json:"change_note"`
		Plain  string `json:"note"`
		At     string `json:"published_at"`
		AtToo  string `json:"public_timestamp"`
		Number string `json:"section_id"`
	}
	var doc struct {
		linked
		Schema string `json:"schema_name"`
		Links  map[string]json.RawMessage
		// Details differ from schema to schema.
		Details struct {
			Groups []struct {
				Sections []linked `json:"child_sections"`
			} `json:"child_section_groups"`
			Documents []string `json:"documents"`
			Notes     []change `json:"change_notes"`
			History   []change `json:"change_history"`
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, nil, fmt.Errorf("the answer is no content item: %w", err)
	}
	if doc.BasePath == "" {
		return nil, nil, errors.New("the answer is no content item: it has no base_path")
	}
	var out []publication
	place := map[string]int{}
	add := func(l linked, note, when string) {
		if l.BasePath == "" || !strings.HasPrefix(l.BasePath, "/") {
			return
		}
		i, known := place[l.BasePath]
		if !known {
			i, place[l.BasePath] = len(out), len(out)
			out = append(out, publication{url: at.Scheme + "://" + at.Host + l.BasePath, title: l.Title, values: map[string]string{"path": strings.TrimPrefix(l.BasePath, "/")}})
		}
		if out[i].note == "" {
			out[i].note, out[i].modified = note, lastmod(when)
		}
	}
	told := func(c change) string {
		note, when := c.Note+c.Plain, c.At+c.AtToo
		if len(when) > 10 {
			when = when[:10]
		}
		if note == "" || when == "" {
			return note
		}
		return when + ": " + note
	}
	for _, c := range doc.Details.Notes { // the publisher gives the newest first
		add(c.linked, told(c), c.At+c.AtToo)
	}
	if h := doc.Details.History; len(h) > 0 {
		add(doc.linked, told(h[0]), h[0].At+h[0].AtToo)
	}
	for _, g := range doc.Details.Groups {
		for _, s := range g.Sections {
			add(s, "", "")
		}
	}
	for _, name := range []string{"children", "documents", "sections", "attachments"} {
		var of []linked
		if json.Unmarshal(doc.Links[name], &of) == nil {
			for _, l := range of {
				add(l, "", "")
			}
		}
	}
	return out, nil, nil
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

// An atomEntry is an entry of an Atom feed (RFC 4287) with what two publishers
// add to it.
type atomEntry struct {
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Deleted string     `xml:"deleted,attr"`
	Links   []atomLink `xml:"link"`
	Effects []struct {
		Type        string `xml:"Type,attr"`
		AffectedURI string `xml:"AffectedURI,attr"`
		Provisions  string `xml:"AffectedProvisions,attr"`
		By          string `xml:"AffectingClass,attr"`
		ByYear      string `xml:"AffectingYear,attr"`
		ByNumber    string `xml:"AffectingNumber,attr"`
	} `xml:"content>Effect"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

// readAtom reads a feed and where its next part is (RFC 5005).
func readAtom(at *url.URL, body []byte) ([]atomEntry, []string, error) {
	var feed struct {
		XMLName xml.Name
		Links   []atomLink  `xml:"link"`
		Entries []atomEntry `xml:"entry"`
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.CharsetReader = charset.NewReaderLabel
	if err := d.Decode(&feed); err != nil {
		return nil, nil, fmt.Errorf("the answer is no Atom feed: %w", err)
	}
	if feed.XMLName.Local != "feed" {
		return nil, nil, fmt.Errorf("the answer is no Atom feed but <%s>", feed.XMLName.Local)
	}
	var more []string
	for _, l := range feed.Links {
		if to, err := at.Parse(l.Href); l.Rel == "next" && err == nil && l.Href != "" {
			more = append(more, to.String())
		}
	}
	return feed.Entries, more, nil
}

// readLegislation reads a feed of legislation.gov.uk: of acts, or of changes,
// where the act that is affected counts and the effect is the note. {type},
// {year} and {number} name the act.
func readLegislation(at *url.URL, body []byte) ([]publication, []string, error) {
	entries, more, err := readAtom(at, body)
	if err != nil {
		return nil, nil, err
	}
	var out []publication
	for _, e := range entries {
		p := publication{title: strings.TrimSpace(e.Title), url: e.page(), modified: lastmod(e.Updated)}
		if len(e.Effects) > 0 {
			f := e.Effects[0]
			p.url = f.AffectedURI
			p.note = strings.TrimSpace(strings.Join(strings.Fields(f.Provisions+" "+f.Type+" by "+f.By+" "+f.ByYear+"/"+f.ByNumber), " "))
		}
		p.url = strings.Replace(p.url, "/id/", "/", 1) // an identifier redirects to the page
		if to, err := at.Parse(p.url); err == nil {
			if parts := strings.Split(strings.Trim(to.Path, "/"), "/"); len(parts) >= 3 {
				p.values = map[string]string{"type": parts[0], "year": parts[1], "number": parts[2]}
			}
		}
		out = append(out, p)
	}
	return out, more, nil
}

// page is the entry's address for people: that of no other type than HTML, or
// else its id.
func (e *atomEntry) page() string {
	for _, l := range e.Links {
		if (l.Rel == "" || l.Rel == "alternate") && (l.Type == "" || strings.HasPrefix(l.Type, "text/html")) {
			return l.Href
		}
	}
	return strings.TrimSpace(e.ID)
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

var dutchECLI = regexp.MustCompile(`^ECLI:[A-Z]{2}:[A-Z0-9]{1,8}:\d{4}:[A-Z0-9.]{1,25}$`)

// readRechtspraak reads the Atom feed of the Dutch courts' open data. What it
// links to is for people and needs JavaScript; the text stands at the content
// service under its ECLI, {ecli}. Withdrawn judgments are left out.
func readRechtspraak(at *url.URL, body []byte) ([]publication, []string, error) {
	entries, more, err := readAtom(at, body)
	if err != nil {
		return nil, nil, err
	}
	var out []publication
	for _, e := range entries {
		id := strings.TrimSpace(e.ID)
		if e.Deleted != "" || !dutchECLI.MatchString(id) {
			continue
		}
		out = append(out, publication{title: strings.TrimSpace(e.Title), modified: lastmod(e.Updated), values: map[string]string{"ecli": id},
			url: at.Scheme + "://" + at.Host + "/uitspraken/content?id=" + id})
	}
	return out, more, nil
}
