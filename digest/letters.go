package digest

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/source"
	"veille/thesaurus"
)

// How much one letter holds: so many changes with excerpts, so many as
// headlines; the rest is counted. All of them are in the ledger.
const maxFull, maxBrief = 30, 200

// maxSubject is the longest subject, in characters.
const maxSubject = 120

// letters writes letters. What it reads from files it reads once.
type letters struct {
	phrases               phrases
	forms                 map[string]form // by kind of letter
	base                  *url.URL
	sources               *source.List
	thesaurus             *thesaurus.Thesaurus
	confirmMark, stopMark string // where tokens will be
}

// baseURL checks the public address of the web pages.
func baseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("base URL %s: links in mails need the public address of the web pages; give one such as https://veille.example.org", quote(s))
	}
	return u, nil
}

// A page is what both templates of a letter are filled with.
type page struct {
	Lang     string
	Say      map[string]string // the phrases that take no values
	Subject  string
	Intro    string
	Groups   []group // what is told, by source
	Rest     []item  // what is told as headlines
	RestMore string
	Left     []string // what is left out
	What     []string // the subscription in words, a line a part
	Confirm  string   // address of the confirmation page
	Until    string
	Stop     string // address of the page on which to stop
}

// A group is the changes of one source.
type group struct {
	Name  string
	Items []item
}

// digest writes the letter that tells what was found.
func (l *letters) digest(sub *Subscription, f *found) (*Mail, error) {
	t := l.tongue(sub)
	told := slices.Clone(f.told)
	slices.SortStableFunc(told, func(a, b *change) int { // heaviest first, then newest
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), b.seen.By.Compare(a.seen.By))
	})
	p := l.page(t, sub)
	p.Subject = oneLine(t.count("subject", len(told), "what", l.title(t, sub)), maxSubject)
	p.Intro = t.count("intro", len(told))
	m := &Mail{Kind: KindDigest, Subscription: sub.ID, To: sub.Email, Lang: sub.Lang, Subject: p.Subject}
	for _, c := range told {
		m.Changes = append(m.Changes, c.ID())
	}
	told = together(told, t.lang)
	for i, c := range told {
		switch {
		case i < maxFull:
			p.add(l.sourceName(c, t.lang), l.item(t, c, f, sub, false))
		case i < maxFull+maxBrief:
			p.Rest = append(p.Rest, l.item(t, c, f, sub, true))
		}
	}
	if n := len(told) - maxFull - maxBrief; n > 0 {
		p.RestMore = t.say("rest.more", "n", strconv.Itoa(n), "url", l.base.JoinPath("/").String())
	}
	if f.light > 0 {
		p.Left = append(p.Left, t.count("left.light", f.light))
	}
	if f.reverted > 0 {
		p.Left = append(p.Left, t.count("left.back", f.reverted))
	}
	return m, l.forms[KindDigest].fill(p, m)
}

// confirm writes the letter that asks to confirm a subscription.
func (l *letters) confirm(sub *Subscription, until time.Time) (*Mail, error) {
	t := l.tongue(sub)
	p := l.page(t, sub)
	p.Subject = oneLine(t.say("subject.confirm"), maxSubject)
	p.Confirm = l.base.JoinPath("confirm", l.confirmMark).String()
	p.Until = t.say("confirm.until", "by", t.time(until))
	m := &Mail{Kind: KindConfirm, To: sub.Email, Lang: sub.Lang, Subject: p.Subject}
	return m, l.forms[KindConfirm].fill(p, m)
}

// newLetters reads phrases and templates.
func newLetters(base *url.URL, list *source.List, terms *thesaurus.Thesaurus) (*letters, error) {
	l := &letters{base: base, sources: list, thesaurus: terms, forms: map[string]form{}}
	var err error
	if l.phrases, err = loadPhrases(); err != nil {
		return nil, err
	}
	for _, kind := range []string{KindConfirm, KindDigest} {
		if l.forms[kind], err = newForm(kind); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (l *letters) tongue(sub *Subscription) *tongue {
	return &tongue{sub.Lang, location(sub.Zone), l.phrases}
}

// page is what all letters have in common.
func (l *letters) page(t *tongue, sub *Subscription) *page {
	p := &page{Lang: t.lang, Say: map[string]string{}, What: l.describe(t, sub), Stop: l.base.JoinPath("stop", l.stopMark).String()}
	for key := range t.phrases {
		p.Say[strings.ReplaceAll(key, ".", "_")] = t.say(key)
	}
	return p
}

// add puts an item under its source. Sources stand in the order of their
// heaviest change.
func (p *page) add(name string, i item) {
	for g := range p.Groups {
		if p.Groups[g].Name == name {
			p.Groups[g].Items = append(p.Groups[g].Items, i)
			return
		}
	}
	p.Groups = append(p.Groups, group{name, []item{i}})
}

func (l *letters) sourceName(c *change, lang string) string {
	if c.src == nil {
		return c.page.Source
	}
	return c.src.Label(lang)
}

// title names a subscription in a few words: as its reader does, or by its first part.
func (l *letters) title(t *tongue, sub *Subscription) string {
	switch {
	case sub.Name != "":
		return sub.Name
	case sub.Query != "":
		return sub.Query
	case len(sub.Topics) > 0:
		return l.topicNames(t, sub)
	case len(sub.Sources) > 0:
		return l.sourceNames(t, sub)
	}
	return t.say("what.all")
}

// describe puts a subscription in words, a line a part.
func (l *letters) describe(t *tongue, sub *Subscription) []string {
	var lines []string
	if sub.Name != "" {
		lines = append(lines, sub.Name)
	}
	if sub.Query != "" {
		lines = append(lines, t.say("what.query", "query", sub.Query))
	}
	if len(sub.Topics) > 0 {
		lines = append(lines, t.say("what.topics", "list", l.topicNames(t, sub)))
	}
	if len(sub.Sources) > 0 {
		lines = append(lines, t.say("what.sources", "list", l.sourceNames(t, sub)))
	}
	if sub.Query == "" && len(sub.Topics)+len(sub.Sources) == 0 {
		lines = append(lines, t.say("what.all"))
	}
	return append(lines, t.say("what.weight", "n", strconv.Itoa(sub.MinWeight)),
		t.say("when."+string(sub.Cadence), "at", sub.At, "zone", sub.Zone))
}

func (l *letters) topicNames(t *tongue, sub *Subscription) string {
	var names []string
	for _, id := range sub.Topics {
		name := id
		if topic, ok := l.thesaurus.Topic(id); ok {
			name = topic.Label(t.lang)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (l *letters) sourceNames(t *tongue, sub *Subscription) string {
	var names []string
	for _, id := range sub.Sources {
		name := id
		if s := l.sources.Source(id); s != nil {
			name = s.Label(t.lang)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// Describe puts a subscription in words, a line a part, in its own language:
// for the pages on which it is confirmed or stopped. Of one that has ended
// nothing is left to describe.
func (d *Digester) Describe(sub *Subscription) ([]string, error) {
	if !sub.Ended.IsZero() {
		return nil, nil
	}
	l, err := newLetters(&url.URL{}, d.Sources, d.Thesaurus)
	if err != nil {
		return nil, err
	}
	return l.describe(l.tongue(sub), sub), nil
}
