package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// What is laid over a page or asks the reader to subscribe is none of its text,
// however long its sentences are: the box of a consent manager, a dialog that
// bars the page until it is answered, the section around a form that asks for
// an address and nothing else, what asks to accept cookies and has a button for it. Such an element is known by what it is made of,
// so it is chrome whatever the forest says of the sentences in it – unless it
// holds most of the page, or what the page marks as its main part.

const (
	signUpBytes  = 1500 // of text that the section around a sign-up form may have
	signUpShare  = 4    // and no more than this part of the page: a quarter
	signUpFields = 2    // that its form may have to type in: a name and the address
	signUpLevels = 12   // elements around the form that are looked at
	acceptBytes  = 40   // of what a button says that accepts cookies
	consentBytes = 60   // of text that a consent banner has at least
	boxNodes     = 4000 // in the box of a consent manager, that are looked through for a button
)

// markApart marks the elements that stand apart from the text of the page.
func (p *page) markApart(holds []bool) {
	total := p.nodes[0].text
	for i := range p.nodes {
		n := &p.nodes[i]
		if n.n.Type != html.ElementNode {
			continue
		}
		switch {
		case n.parent >= 0 && p.nodes[n.parent].apart:
			n.apart = true
		case n.n.DataAtom == atom.Form && isSignUp(n.n):
			if k := p.signUp(int32(i), holds, total); k >= 0 {
				p.setApart(k)
			}
		case (n.n.DataAtom == atom.Button || n.n.DataAtom == atom.A) && n.text > 0 && n.text <= acceptBytes && acceptWords[strings.ToLower(clean(p.textOf(int32(i))))]:
			if k := p.consent(int32(i), holds, total); k >= 0 {
				p.setApart(k)
			}
		case holds[i] || n.text > total*6/10:
		case isConsentBox(n.n) || attr(n.n, "aria-modal") == "true" && attr(n.n, "role") == "dialog":
			n.apart = true
		}
	}
}

// setApart marks an element and all in it.
func (p *page) setApart(k int32) {
	for j := k; j < p.nodes[k].end; j++ {
		p.nodes[j].apart = true
	}
}

// consent is the smallest element around a button that accepts something in
// which cookies are spoken of; -1 if there is none, or it is too much of the page.
func (p *page) consent(button int32, holds []bool, total int32) int32 {
	for i, levels := p.nodes[button].parent, 0; i > 0 && levels < signUpLevels; i, levels = p.nodes[i].parent, levels+1 {
		n := &p.nodes[i]
		if holds[i] || n.text > signUpBytes || n.text*signUpShare > total || n.n.DataAtom == atom.Body {
			return -1
		}
		if !isInline(n.n.DataAtom) && n.text > consentBytes && strings.Contains(strings.ToLower(p.textOf(i)), "cookie") {
			return i
		}
	}
	return -1
}

// acceptWords are what the button of a consent banner says.
var acceptWords = map[string]bool{
	"accept": true, "accept all": true, "accept cookies": true, "accept all cookies": true, "i accept": true, "i agree": true, "agree": true, "got it": true, "allow all": true,
	"accepter": true, "tout accepter": true, "accepter tout": true, "j'accepte": true, "j’accepte": true, "accepter les cookies": true, "accepter tous les cookies": true,
	"accepteren": true, "alles accepteren": true, "alle cookies accepteren": true, "cookies accepteren": true, "akkoord": true, "ik ga akkoord": true, "ik aanvaard": true,
	"akzeptieren": true, "alle akzeptieren": true, "alle cookies akzeptieren": true, "zustimmen": true, "ich stimme zu": true, "einverstanden": true, "alle zulassen": true,
}

// signUp is the section around a sign-up form, or the form itself; -1 if it is
// too much of the page.
func (p *page) signUp(form int32, holds []bool, total int32) int32 {
	best := int32(-1)
	for i, levels := form, 0; i > 0 && levels < signUpLevels; i, levels = p.nodes[i].parent, levels+1 {
		n := &p.nodes[i]
		if holds[i] || n.text > signUpBytes || n.text*signUpShare > total || n.n.DataAtom == atom.Body {
			break
		}
		switch n.n.DataAtom {
		case atom.Form:
			best = i
		case atom.Section, atom.Aside, atom.Dialog:
			return i
		}
	}
	return best
}

// isSignUp reports whether a form asks for a mail address, for a name at most
// beside it, and for nothing else that has to be typed or chosen.
func isSignUp(form *html.Node) bool {
	mail, fields := false, 0
	for n := range form.Descendants() {
		switch n.DataAtom {
		case atom.Textarea, atom.Select:
			return false
		case atom.Input:
			switch attr(n, "type") {
			case "email":
				mail = true
				fields++
			case "", "text":
				fields++
			case "hidden", "submit", "button", "image", "checkbox":
			default:
				return false
			}
		}
	}
	return mail && fields <= signUpFields
}

// isConsentBox reports whether an element is the box of a consent manager: by
// its name, and as it has something to press.
func isConsentBox(n *html.Node) bool {
	if n.DataAtom != atom.Div && n.DataAtom != atom.Section && n.DataAtom != atom.Aside && n.DataAtom != atom.Dialog {
		return false
	}
	if consentName(attr(n, "id")) == noChrome && consentName(attr(n, "class")) == noChrome {
		return false
	}
	left := boxNodes
	for d := range n.Descendants() {
		if left--; left < 0 {
			return false
		}
		if d.DataAtom == atom.Button || attr(d, "role") == "button" || d.DataAtom == atom.Input && attr(d, "type") != "hidden" {
			return true
		}
	}
	return false
}
