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

// How much one letter holds: so many changes with excerpts, of so many bytes of
// HTML in all, and so many as headlines, with which it is full; the rest is
// counted. All of them are in the ledger.
const maxShown, maxRoom, maxBrief, maxFull = 30, 45_000, 200, 92_000

// maxHTML is the longest HTML, in bytes: Gmail shows 102 KB of a mail, and what
// it cuts off is the link with which to leave.
const maxHTML = 100_000

// maxMissed is how many changes are named of a mail that may be missing.
const maxMissed = 60

// maxSubject is the longest subject, in characters.
const maxSubject = 120

// letters writes letters. What it reads from files it reads once. Not safe for
// concurrent use.
type letters struct {
	phrases   phrases
	forms     map[string]form // by kind of letter
	base      *url.URL
	sources   *source.List
	thesaurus *thesaurus.Thesaurus
	marks     marks
	says      map[string]map[string]string // by language: the phrases as templates have them
	zones     map[string]*time.Location
}

// marks stand in letters where tokens will be.
type marks struct{ confirm, stop, leave, manage string }

// baseURL checks the public address of the web pages.
func baseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("base URL %s: links in mails need the public address of the web pages; give one such as https://veille.example.org", quote(s))
	}
	return u, nil
}

// newLetters reads phrases and templates.
func newLetters(base *url.URL, list *source.List, terms *thesaurus.Thesaurus) (*letters, error) {
	l := &letters{base: base, sources: list, thesaurus: terms, forms: map[string]form{}, says: map[string]map[string]string{}, zones: map[string]*time.Location{}}
	var err error
	if l.phrases, err = loadPhrases(); err != nil {
		return nil, err
	}
	for _, kind := range []string{KindConfirm, KindDigest, KindManage} {
		if l.forms[kind], err = newForm(kind); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// A page is what both templates of a letter are filled with.
type page struct {
	Lang     string
	Say      map[string]string // the phrases that take no values
	Subject  string
	Intro    string
	Topics   []topicGroup
	Rest     []shown // what is told as headlines, because there is so much
	RestMore string
	Notices  []shownNotice
	Missed   []missedMail
	Left     []string // what is left out
	Coverage []string // what could not be read, and since when
	Checks   string
	What     []described // the subscriptions
	Confirm  string      // address of the confirmation page
	Until    string
	Stop     string // address of the page on which to stop
	Manage   string // address of the page that shows all that is kept
	Legend   bool   // the marks of what was removed and added need explaining
}

// A topicGroup is what is told about a topic.
type topicGroup struct {
	Name    string
	Sources []sourceGroup
}

// A sourceGroup is what is told of a source: neighbours are of one institution,
// and neighbouring items of one document.
type sourceGroup struct {
	Name  string
	Items []shown

	id, institution string
}

// A described is a subscription in words.
type described struct{ Name, Text, Note string }

// A missedMail is a digest that may not have arrived.
type missedMail struct {
	Text  string
	Links []string
	More  string // "" unless there are more
}

// digest writes the letter that tells a person what was found.
func (l *letters) digest(t *telling) (*Mail, error) {
	first := t.subs[0]
	w := l.tongue(first.Lang, first.Zone)
	items := slices.Clone(t.items)
	slices.SortStableFunc(items, func(a, b *item) int { // heaviest first, then newest
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), b.seen.By.Compare(a.seen.By))
	})
	p := l.page(w)
	for _, s := range t.subs {
		p.What = append(p.What, l.described(w, s))
	}
	n := len(items) + len(t.notices)
	p.Subject, p.Intro = w.count("subject", n, "what", l.titles(w, t)), w.count("intro", n)
	if n == 0 {
		p.Subject, p.Intro = w.say("subject.none", "what", l.titles(w, t)), w.say("intro.none")
		if len(t.missed) > 0 {
			p.Subject = w.say("subject.missed")
		}
	}
	p.Subject = oneLine(p.Subject, maxSubject)
	m := &Mail{Kind: KindDigest, Person: first.Person, To: first.Email, Lang: first.Lang, Subject: p.Subject}
	for _, i := range items {
		m.Changes = append(m.Changes, i.ID())
	}
	for _, n := range t.notices {
		m.Changes = append(m.Changes, n.Key)
		p.Notices = append(p.Notices, l.shownNotice(w, n, t.several))
	}
	l.account(w, p, t)
	for _, old := range t.missed {
		m.missed = append(m.missed, old.ID)
		p.Missed = append(p.Missed, l.missedMail(w, old, maxMissed/len(t.missed)))
	}
	items = together(items, w.lang)
	for scale := 100; ; scale = scale * 3 / 4 {
		p.Topics, p.Rest, p.RestMore = nil, nil, ""
		l.show(w, p, items, t.several, scale)
		if err := l.forms[KindDigest].fill(p, m); err != nil || len(m.HTML) <= maxHTML || scale == 0 {
			return m, err
		}
	}
}

// show puts items into their groups: as each is wanted, as headlines when there
// is no more room, and counted when there is none for those. There is so much
// room, in hundredths of the usual.
func (l *letters) show(w *tongue, p *page, items []*item, several bool, scale int) {
	room, all, brief, left := maxRoom*scale/100, maxFull*scale/100, 0, 0
	for n, i := range items {
		whole := n < maxShown && room > 0
		s := l.shown(w, i, several, !whole, room)
		room, all = room-s.size(), all-s.size()
		switch {
		case all <= 0 && n > 0:
			left++
		case whole || i.density() == Headlines && n < maxBrief:
			p.Legend = p.Legend || len(s.Edits) > 0
			p.add(w, l, i, s)
		case brief < maxBrief:
			brief++
			p.Rest = append(p.Rest, s)
		default:
			left++
		}
	}
	if left > 0 {
		p.RestMore = w.say("rest.more", "n", strconv.Itoa(left), "url", l.base.JoinPath("/").String())
	}
	for _, g := range p.Topics {
		slices.SortStableFunc(g.Sources, func(a, b sourceGroup) int { // neighbours are of one institution, in the order of its heaviest change
			at := func(x sourceGroup) int {
				return slices.IndexFunc(g.Sources, func(y sourceGroup) bool { return x.institution == y.institution })
			}
			return cmp.Compare(at(a), at(b))
		})
	}
}

// add puts an item under its topic and source, beside those of its document.
// Groups stand in the order of their heaviest change.
func (p *page) add(w *tongue, l *letters, i *item, s shown) {
	topic := l.topicOf(w, i)
	g := slices.IndexFunc(p.Topics, func(g topicGroup) bool { return g.Name == topic })
	if g < 0 {
		g = len(p.Topics)
		p.Topics = append(p.Topics, topicGroup{Name: topic})
	}
	list := &p.Topics[g].Sources
	n := slices.IndexFunc(*list, func(g sourceGroup) bool { return g.id == i.page.Source })
	if n < 0 {
		n = len(*list)
		of := i.page.Source
		if i.src != nil && i.src.Institution != "" {
			of = i.src.Institution
		}
		*list = append(*list, sourceGroup{Name: s.Source, id: i.page.Source, institution: of})
	}
	at := len((*list)[n].Items)
	for k, other := range (*list)[n].Items {
		if other.document != "" && other.document == i.document {
			at = k + 1
		}
	}
	(*list)[n].Items = slices.Insert((*list)[n].Items, at, s)
}

// topicOf names the topic under which a reader finds a change: one that is
// subscribed to, or the first of its source.
func (l *letters) topicOf(w *tongue, i *item) string {
	if i.src == nil || len(i.src.Topics) == 0 {
		return w.say("topic.none")
	}
	id := i.src.Topics[0]
	for _, s := range i.reasons {
		if n := slices.IndexFunc(s.Topics, i.src.Covers); n >= 0 {
			id = s.Topics[n]
			break
		}
	}
	return l.topicName(w, id)
}

// account says what was left out, what could not be read, and how often we looked.
func (l *letters) account(w *tongue, p *page, t *telling) {
	if t.light > 0 {
		p.Left = append(p.Left, w.count("left.light", t.light))
	}
	if t.reverted > 0 {
		p.Left = append(p.Left, w.count("left.back", t.reverted))
	}
	for _, g := range t.gaps {
		p.Coverage = append(p.Coverage, w.count("gap", g.pages, "source", l.sourceName(g.source, w.lang), "of", strconv.Itoa(g.of),
			"since", w.time(g.since), "reason", w.whyUnread(g.class)))
	}
	if t.checks < 0 { // not counted
		return
	}
	p.Checks = w.count("checks", t.checks, "since", w.time(t.since))
}

// missedMail names so many changes that a mail told of, and counts the rest.
func (l *letters) missedMail(w *tongue, old *Mail, most int) missedMail {
	m := missedMail{Text: w.count("missed", len(old.Changes), "at", w.time(old.Created))}
	left := 0
	for _, c := range old.Changes {
		switch {
		case lastVersion(c) == 0:
		case len(m.Links) < most:
			m.Links = append(m.Links, l.base.JoinPath("change", c).String())
		default:
			left++
		}
	}
	if left > 0 {
		m.More = w.say("rest.more", "n", strconv.Itoa(left), "url", l.base.JoinPath("/").String())
	}
	return m
}

// confirm writes the letter that asks to confirm a subscription.
func (l *letters) confirm(sub *Subscription, until time.Time) (*Mail, error) {
	w := l.tongue(sub.Lang, sub.Zone)
	p := l.page(w)
	typed := *sub
	typed.Query, typed.Passage = unlinked(sub.Query), unlinked(sub.Passage)
	p.What = []described{l.described(w, &typed)}
	p.Subject = oneLine(w.say("subject.confirm"), maxSubject)
	p.Confirm = l.base.JoinPath("confirm", l.marks.confirm).String()
	p.Stop = l.base.JoinPath("stop", l.marks.stop).String()
	p.Until = w.say("confirm.until", "by", w.time(until))
	m := &Mail{Kind: KindConfirm, To: sub.Email, Lang: sub.Lang, Subject: p.Subject}
	return m, l.forms[KindConfirm].fill(p, m)
}

// manage writes the letter with the link to all that is kept.
func (l *letters) manage(who *Person) (*Mail, error) {
	p := l.page(l.tongue(who.Lang, who.Zone))
	p.Subject = oneLine(p.Say["subject_manage"], maxSubject)
	m := &Mail{Kind: KindManage, Person: who.ID, To: who.Email, Lang: who.Lang, Subject: p.Subject}
	return m, l.forms[KindManage].fill(p, m)
}

func (l *letters) tongue(lang, zone string) *tongue {
	if l.zones[zone] == nil {
		l.zones[zone] = location(zone)
	}
	return &tongue{lang, l.zones[zone], l.phrases}
}

// page is what all letters have in common.
func (l *letters) page(w *tongue) *page {
	say := l.says[w.lang]
	if say == nil {
		say = map[string]string{}
		for key := range w.phrases {
			say[strings.ReplaceAll(key, ".", "_")] = w.say(key)
		}
		l.says[w.lang] = say
	}
	return &page{Lang: w.lang, Say: say, Stop: l.base.JoinPath("stop", l.marks.leave).String(), Manage: l.base.JoinPath("manage", l.marks.manage).String()}
}
