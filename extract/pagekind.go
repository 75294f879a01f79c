package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// lookAtPage notes what kind of page it is.
func (s *scorer) lookAtPage() {
	s.readHeads()
	s.lookAtRuns()
	best := int32(0)
	for i := range s.p.nodes {
		n := &s.p.nodes[i]
		switch {
		case n.n.DataAtom == atom.Main || n.n.Type == html.ElementNode && attr(n.n, "role") == "main":
			s.mains++
			if n.text > best {
				best, s.mark = n.text, int32(i)
			}
		case n.n.DataAtom == atom.Article:
			s.articles++
		}
	}
	var link, long int32
	for k := range s.units {
		link += s.units[k].link
		if u := &s.units[k]; u.size >= 80 && u.link*2 < u.size {
			long += u.size
		}
	}
	s.linkShare = float32(link) / float32(max(s.total, 1))
	s.longShare = float32(long) / float32(max(s.total, 1))
}

// readHeads notes what the page says of itself: its title, what kind it is.
func (s *scorer) readHeads() {
	s.title = map[string]bool{}
	published := false
	for _, h := range s.p.heads {
		switch h.DataAtom {
		case atom.Title:
			if h.FirstChild != nil {
				s.noteTitle(h.FirstChild.Data)
			}
		case atom.Meta:
			published = s.readMeta(h) || published
		case atom.Script:
			if h.FirstChild != nil {
				s.readScript(h.FirstChild.Data)
			}
		}
	}
	s.story = s.story || published && s.article > 0
}

// readMeta reads a meta element, and reports whether it tells when the page
// was published.
func (s *scorer) readMeta(h *html.Node) bool {
	content := attr(h, "content")
	if strings.EqualFold(attr(h, "name"), "generator") && isForum(content) {
		s.forum = 1
	}
	switch strings.ToLower(attr(h, "property")) {
	case "article:published_time":
		return true
	case "og:title":
		s.noteTitle(content)
	case "og:type":
		switch {
		case strings.EqualFold(content, "article"):
			s.article = 1
		case strings.HasPrefix(content, "product"), strings.HasPrefix(content, "og:product"):
			s.product = 1
		}
	}
	return false
}

// readScript reads a JSON-LD script for the kinds it names.
func (s *scorer) readScript(text string) {
	for _, k := range []struct {
		names []string
		set   *float32
	}{
		{[]string{`"DiscussionForumPosting"`, `"QAPage"`}, &s.forum},
		{[]string{`"ItemList"`, `"CollectionPage"`}, &s.list},
		{[]string{`"Product"`}, &s.product},
		{[]string{`Article"`, `"BlogPosting"`}, &s.article},
	} {
		for _, name := range k.names {
			if strings.Contains(text, name) {
				*k.set = 1
			}
		}
	}
	if strings.Contains(text, `NewsArticle"`) || strings.Contains(text, `"BlogPosting"`) {
		s.story = true
	}
}

func (s *scorer) noteTitle(title string) {
	var u unit
	u.add(title, 0)
	for w := range strings.FieldsSeq(string(u.head)) {
		s.title[w] = true
	}
}

// inTitle is how much of the beginning of a unit stands in the page's title.
func (s *scorer) inTitle(u *unit) float32 {
	hits, n := 0, 0
	for w := range strings.FieldsSeq(string(u.head)) {
		if n++; s.title[w] {
			hits++
		}
	}
	return float32(hits) / float32(max(n, 1))
}

func isForum(generator string) bool {
	g := strings.ToLower(generator)
	for _, name := range []string{"discourse", "phpbb", "vbulletin", "xenforo", "mybb", "invision", "flarum", "smf", "vanilla", "nodebb"} {
		if strings.Contains(g, name) {
			return true
		}
	}
	return false
}

// lookAtRuns notes what comes before and after each unit, and which are alike.
func (s *scorer) lookAtRuns() {
	type signature struct {
		tag, upTag     atom.Atom
		class, upClass string
	}
	alike := map[signature]int32{}
	counts, sizes := make([]int32, 0, 64), make([]int32, 0, 64)
	ids := make([]int32, len(s.units))
	last, heading, sum := int32(-1), int32(-1), int32(0)
	var comments, long int32
	s.firstComment = len(s.units)
	for k := range s.units {
		u := &s.units[k]
		n := s.p.nodes[u.node].n
		sig := signature{tag: n.DataAtom, class: attr(n, "class")}
		if up := n.Parent; up != nil {
			sig.upTag, sig.upClass = up.DataAtom, attr(up, "class")
		}
		id, ok := alike[sig]
		if !ok {
			id = int32(len(counts))
			alike[sig] = id
			counts, sizes = append(counts, 0), append(sizes, 0)
		}
		ids[k] = id
		counts[id]++
		sizes[id] += u.size
		u.heading, u.longBefore, u.lastLong = heading, sum, min(int32(k)-last, 60)
		pl := &s.places[u.node]
		if pl.tags&inHeading != 0 {
			heading = int32(k)
		}
		comment := pl.around&saysComment != 0
		if comment && s.firstComment > k {
			s.firstComment = k
		}
		if u.size >= 80 && u.link*2 < u.size {
			long += u.size
			if comment {
				comments += u.size
			} else {
				last = int32(k)
				sum += u.size
			}
		}
	}
	s.commentShare, s.longLeft = share(comments, long), float32(sum)
	next := int32(len(s.units) + 60)
	for k := len(s.units) - 1; k >= 0; k-- {
		u := &s.units[k]
		u.nextLong = min(next-int32(k), 60)
		if u.size >= 80 && u.link*2 < u.size && s.places[u.node].around&saysComment == 0 {
			next = int32(k)
		}
		u.same, u.sameSize = counts[ids[k]], sizes[ids[k]]
	}
}
