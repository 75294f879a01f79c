package extract

import (
	"strings"

	"veille/archive"
)

// A Report says what one Sync did.
type Report struct {
	Read        int // captures read; repetitions of an earlier answer need no reading
	NewVersions int
	Blocked     int                // answers that were refusals or challenges
	Errors      []PageError        // answers that were no content for other reasons
	Added       []*archive.Version // without their blocks
	// Remarks are pages that were read and about which there is something to say:
	// another language than declared, nearly the text of another page.
	Remarks []PageError
}

// A PageError is a page whose answer could not be used.
type PageError struct {
	Source, URL string
	Class       archive.Class
	Error       string // one sentence
}

// Remark is what is to be said of a page that is read: why its latest look was
// read otherwise than one would think, or that its text is nearly another page's,
// which was found when it was first read. "" for a page with nothing to remark,
// and for one that is not read, of which its latest look says why.
func Remark(p *archive.Page) string {
	switch {
	case p.Last.Class != archive.Content:
		return ""
	case p.Last.Reason != "":
		return p.Last.Reason
	case strings.HasPrefix(p.First.Reason, nearPrefix):
		return p.First.Reason
	}
	return ""
}

// tell logs and counts a batch that was kept.
func (s *syncer) tell(readings []archive.Reading, added []*archive.Version) {
	for i, r := range readings {
		c := s.batch[i]
		s.report.Read++
		switch r.Class {
		case archive.Content:
			if r.Reason != "" {
				s.report.Remarks = append(s.report.Remarks, PageError{c.Source, c.URL, r.Class, r.Reason})
				s.log.Info("remark", "source", c.Source, "url", c.URL, "capture", c.Seq, "reason", r.Reason)
			}
			continue
		case archive.Blocked:
			s.report.Blocked++
		case archive.Gone:
		default:
			if c.Err == "" { // what the crawler has reported is not reported again
				s.report.Errors = append(s.report.Errors, PageError{c.Source, c.URL, r.Class, r.Reason})
			}
		}
		s.log.Info("no content", "source", c.Source, "url", c.URL, "capture", c.Seq, "class", r.Class, "reason", r.Reason)
	}
	for _, v := range added {
		s.log.Info("new version", "source", v.Source, "url", v.URL, "capture", v.Capture, "version", v.ID)
	}
	s.report.NewVersions += len(added)
	for _, v := range added {
		head := *v
		head.Blocks = nil // a first crawl adds many
		s.report.Added = append(s.report.Added, &head)
	}
}
