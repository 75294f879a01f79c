package extract

import (
	"net/url"
	"slices"
	"strings"

	"veille/archive"
	"veille/cite"
)

// maxRefs bounds what the links of one block are taken to lead to.
const maxRefs = 24

// address returns the address that a link leads to, "" if it stays on the page.
func (p *page) address(href string) string {
	href = strings.TrimSpace(href)
	if href == "" || href[0] == '#' || len(href) > 2000 {
		return ""
	}
	if p.base == nil || strings.HasPrefix(href, "http") {
		return href
	}
	u, err := p.base.Parse(href)
	if err != nil {
		return ""
	}
	return u.String()
}

// setBase notes from where relative addresses count: from that of the answer,
// or what the page itself says.
func (p *page) setBase(answer string) {
	u, err := url.Parse(answer)
	if err != nil {
		return
	}
	p.base = u
	if said, err := u.Parse(p.baseHref); err == nil && p.baseHref != "" {
		p.base = said
	}
}

// link notes what a link leads to, for the block it stands in. One without
// text, around a picture, stands in none.
func (b *builder) link(n *node) {
	if len(b.refs) >= maxRefs || n.text == 0 {
		return
	}
	if c, ok := cite.OfAddress(b.p.address(attr(n.n, "href"))); ok {
		b.refs = append(b.refs, c)
	}
}

// settleRefs gives a block what its links lead to and its text does not name.
func settleRefs(block *archive.Block, refs []cite.Cite) {
	if len(refs) == 0 || block.Role != archive.Main {
		return
	}
	var named []string
	for _, c := range cite.Find(block.Text) {
		named = append(named, c.Keys()...)
	}
	for _, c := range refs {
		if !slices.ContainsFunc(c.Keys(), func(k string) bool { return slices.Contains(named, k) }) {
			block.Refs = append(block.Refs, c.ID)
			named = append(named, c.Keys()...)
		}
	}
}
