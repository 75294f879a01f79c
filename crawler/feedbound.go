package crawler

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"golang.org/x/net/html/charset"
)

// Limits of a feed. The reader of feeds recurses into what it does not know
// and keeps all it reads.
const (
	maxFeedBytes = 16 << 20
	maxFeedDepth = 200    // elements within elements
	maxFeedItems = 20_000 // elements called item or entry
)

var (
	errFeedSize  = fmt.Errorf("it is larger than %d MB", maxFeedBytes>>20)
	errFeedDepth = fmt.Errorf("its elements are nested more than %d deep", maxFeedDepth)
	errFeedItems = fmt.Errorf("it has more than %d items", maxFeedItems)
)

// boundFeed refuses a feed that would cost more than feeds do, before it is
// read. What is broken otherwise is left to its reader.
func boundFeed(body []byte) error {
	if len(body) > maxFeedBytes {
		return errFeedSize
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	depth, items := 0, 0
	for {
		t, err := d.RawToken()
		if err != nil {
			return nil // its end, or no XML: JSON feeds bound themselves
		}
		switch e := t.(type) {
		case xml.StartElement:
			if depth++; depth > maxFeedDepth {
				return errFeedDepth
			}
			if e.Name.Local == "item" || e.Name.Local == "entry" {
				if items++; items > maxFeedItems {
					return errFeedItems
				}
			}
		case xml.EndElement:
			depth--
		}
	}
}
