package server

import (
	"encoding/xml"
	"time"
)

// The elements of Atom (RFC 4287) that we use.
type (
	atomFeed struct {
		XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang      string      `xml:"xml:lang,attr"`
		ID        string      `xml:"id"`
		Title     string      `xml:"title"`
		Updated   string      `xml:"updated"`
		Author    atomPerson  `xml:"author"`
		Generator string      `xml:"generator"`
		Links     []atomLink  `xml:"link"`
		Entries   []atomEntry `xml:"entry"`
	}
	atomPerson struct {
		Name string `xml:"name"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomEntry struct {
		Lang       string         `xml:"xml:lang,attr,omitempty"`
		ID         string         `xml:"id"`
		Title      string         `xml:"title"`
		Updated    string         `xml:"updated"`
		Published  string         `xml:"published"`
		Links      []atomLink     `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Summary    string         `xml:"summary"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
)

func (f *feed) atom() *atomFeed {
	out := &atomFeed{Lang: f.lang, ID: f.id, Title: f.title, Updated: stampRFC(f.updated), Author: atomPerson{"Veille"}, Generator: "Veille",
		Links: []atomLink{{"self", atomKind, f.self}, {"alternate", "text/html", f.page}}}
	for _, i := range f.items {
		e := atomEntry{Lang: i.lang, ID: i.id, Title: i.title, Updated: stampRFC(i.time), Published: stampRFC(i.time), Summary: i.summary,
			Links: []atomLink{{"alternate", "text/html", i.link}, {"via", "", i.via}}}
		for _, t := range i.tags {
			e.Categories = append(e.Categories, atomCategory{t})
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// The members of JSON Feed 1.1 that we use; _change is ours.
type (
	jsonFeed struct {
		Version     string     `json:"version"`
		Title       string     `json:"title"`
		HomePageURL string     `json:"home_page_url"`
		FeedURL     string     `json:"feed_url"`
		Language    string     `json:"language"`
		Items       []jsonItem `json:"items"`
	}
	jsonItem struct {
		ID            string       `json:"id"`
		URL           string       `json:"url"`
		ExternalURL   string       `json:"external_url"`
		Title         string       `json:"title"`
		ContentText   string       `json:"content_text"`
		DatePublished time.Time    `json:"date_published"`
		Tags          []string     `json:"tags"`
		Language      string       `json:"language,omitempty"`
		Change        *changeFacts `json:"_change,omitempty"`
	}
)

func (f *feed) json() *jsonFeed {
	out := &jsonFeed{Version: "https://jsonfeed.org/version/1.1", Title: f.title, HomePageURL: f.page, FeedURL: f.self, Language: f.lang, Items: []jsonItem{}}
	for _, i := range f.items {
		out.Items = append(out.Items, jsonItem{i.id, i.link, i.via, i.title, i.summary, i.time.UTC(), i.tags, i.lang, i.change})
	}
	return out
}

func stampRFC(t time.Time) string { return t.UTC().Format(time.RFC3339) }
