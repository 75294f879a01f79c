package server

import "time"

// citationMeta are the facts of a wording as reference managers read them from
// a page (Highwire Press tags), and as other sites show a link to it (Open
// Graph).
func citationMeta(title, publisher, lang string, seen time.Time, link string) []pair {
	return []pair{{"citation_title", title}, {"citation_author", publisher}, {"citation_publisher", publisher}, {"citation_language", lang},
		{"citation_online_date", seen.UTC().Format("2006/01/02")}, {"citation_public_url", link}}
}
