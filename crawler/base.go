package crawler

import (
	"fmt"
	"net/url"

	"github.com/PuerkitoBio/goquery"
)

// parseBase is what a page's links are relative to: its <base>, or its address.
func parseBase(address string, doc *goquery.Document) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("address of listing: %w", err)
	}
	if doc != nil {
		if href, ok := doc.Find("base[href]").First().Attr("href"); ok {
			if b, err := u.Parse(href); err == nil {
				return b, nil
			}
		}
	}
	return u, nil
}
