package server

import (
	"encoding/xml"
	"net/http"
)

// An openSearch is a description of our search for browsers, OpenSearch 1.1.
type openSearch struct {
	XMLName       xml.Name        `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
	ShortName     string          `xml:"ShortName"`
	Description   string          `xml:"Description"`
	InputEncoding string          `xml:"InputEncoding"`
	Image         openSearchImage `xml:"Image"`
	URL           []openSearchURL `xml:"Url"`
}

type openSearchImage struct {
	Type string `xml:"type,attr"`
	Href string `xml:",chardata"`
}

type openSearchURL struct {
	Type     string `xml:"type,attr"`
	Rel      string `xml:"rel,attr,omitempty"`
	Template string `xml:"template,attr"`
}

// openSearch is "/opensearch.xml": with it a browser offers our search beside
// its own, and a feed reader can follow any search.
func (w *web) openSearch(rw http.ResponseWriter, r *http.Request) error {
	t, base := w.tongues[must(choose(r))], w.baseURL(r)
	body, err := xml.Marshal(openSearch{ShortName: "Veille", Description: t.T("search.lead"), InputEncoding: "UTF-8",
		Image: openSearchImage{"image/svg+xml", base + "/assets/icon.svg"},
		URL: []openSearchURL{{"text/html", "results", base + "/search?q={searchTerms}"}, {atomKind, "results", base + "/search.atom?q={searchTerms}"},
			{"application/opensearchdescription+xml", "self", base + "/opensearch.xml"}}})
	if err != nil {
		return err
	}
	rw.Header().Add("Vary", "Accept-Language, Cookie")
	return w.send(rw, r, "application/opensearchdescription+xml", append([]byte(xml.Header), body...))
}
