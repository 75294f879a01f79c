package crawler

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html/charset"
)

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
