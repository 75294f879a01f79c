package source

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var (
	idForm          = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	institutionForm = regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`)
)

func (l *loader) sourceID(s *Source) func(ast.Node) {
	return func(n ast.Node) {
		l.text("id", &s.ID)(n)
		if !idForm.MatchString(s.ID) || s.ID == "robots" || s.ID == "imported" {
			l.problem(n, "use lower-case letters, digits and hyphens", "%q cannot be a source's id", s.ID)
		} else if line, twice := l.lines[s.ID]; twice {
			l.problem(n, "ids are never reused: choose another", "duplicate id %q, first used in line %d", s.ID, line)
		} else {
			l.lines[s.ID] = n.GetToken().Position.Line
		}
	}
}

func (l *loader) names(to map[string]string) func(ast.Node) {
	return func(n ast.Node) {
		if _, ok := l.resolve(n).(ast.MapNode); !ok {
			var s string
			l.text("name", &s)(n)
			to[""] = s
			return
		}
		for _, kv := range l.pairs(n, "name") {
			lang := l.key(kv)
			if _, twice := to[lang]; twice {
				l.problem(kv.Key, "keep one of them", "name has the language %q twice", lang)
			}
			l.language(kv.Key, lang)
			var s string
			l.text("name", &s)(kv.Value)
			to[lang] = s
		}
	}
}

func (l *loader) institutionNames(n ast.Node) {
	for _, kv := range l.pairs(n, "institutions") {
		id, names := l.key(kv), map[string]string{}
		if _, twice := l.list.Institutions[id]; twice {
			l.problem(kv.Key, "keep one of them", "the institution %q has two entries", id)
		}
		if !institutionForm.MatchString(id) {
			l.problem(kv.Key, "use lower-case letters, digits, hyphens and dots, such as fedasil", "%q cannot be an institution's short name", id)
		}
		l.names(names)(kv.Value)
		if l.list.Institutions == nil {
			l.list.Institutions = map[string]map[string]string{}
		}
		l.list.Institutions[id] = names
	}
}

func (l *loader) lang(to *string) func(ast.Node) {
	return func(n ast.Node) {
		l.text("language", to)(n)
		if *to != "" {
			l.language(n, *to)
		}
	}
}

func (l *loader) language(n ast.Node, lang string) bool {
	if slices.Contains(Languages, lang) {
		return true
	}
	l.problem(n, "use a code of two small letters (ISO 639-1), such as en, fr, nl, de", "language %q is unknown", lang)
	return false
}

func (l *loader) institution(s *Source) func(ast.Node) {
	return func(n ast.Node) {
		l.text("institution", &s.Institution)(n)
		if !institutionForm.MatchString(s.Institution) {
			l.problem(n, "use lower-case letters, digits, hyphens and dots, such as fedasil", "%q cannot be an institution's short name", s.Institution)
		}
	}
}

func (l *loader) jurisdiction(s *Source) func(ast.Node) {
	return func(n ast.Node) {
		l.text("jurisdiction", &s.Jurisdiction)(n)
		if slices.Contains(jurisdictions, s.Jurisdiction) {
			return
		}
		do := "write an ISO 3166-1 code of two capitals, EU, or INT"
		upper := strings.ToUpper(s.Jurisdiction)
		if other := otherNames[upper]; other != "" {
			do = fmt.Sprintf("did you mean %q?", other)
		} else if slices.Contains(jurisdictions, upper) {
			do = fmt.Sprintf("did you mean %q?", upper)
		}
		l.problem(n, do, "jurisdiction %q is unknown", s.Jurisdiction)
	}
}

// contact reads an e-mail or web address. It goes into a header of every
// request, so nothing else is taken.
func (l *loader) contact(n ast.Node) {
	var text string
	l.text("contact", &text)(n)
	address, err := mail.ParseAddress(text)
	_, notURL := l.list.Canonical(text)
	if text != "" && (err != nil || address.Address != text) && notURL != nil || strings.ContainsAny(text, " \t\r\n") {
		l.problem(n, "write one where publishers reach you, such as veille@example.org", "contact %q is neither an e-mail nor a web address", text)
		return
	}
	l.list.Contact = text
}

func (l *loader) topic(n ast.Node, id string) bool {
	if TopicByID(id) != nil {
		return true
	}
	var ids []string
	for _, t := range topics {
		ids = append(ids, t.ID)
	}
	l.problem(n, orNearest(id, ids), "topic %q is unknown", id)
	return false
}

func (l *loader) schedule(s *Source, read *[]ast.Node) func(ast.Node) {
	return func(n ast.Node) {
		*read = append(*read, n)
		var text string
		l.text("schedule", &text)(n)
		if _, err := time.ParseDuration(text); err == nil {
			text = "@every " + text // the key says it
		}
		sch, err := parseSchedule(text, l.list.Zone)
		if err != nil {
			l.problem(n, `write "@every 6h" or a cron expression such as "20 6 * * *"`, "bad schedule %q: %v", text, err)
			return
		}
		s.Schedule = sch
	}
}

// polite reports an interval of less than a minute, unless the source is on
// this machine only.
func (l *loader) polite(s *Source, n ast.Node) {
	if s.Schedule.Every == 0 || s.Schedule.Every >= time.Minute {
		return
	}
	for _, ref := range s.Addresses() {
		if !Loopback(hostOf(ref.URL)) {
			l.problem(n, "write 1m or more", "every %s is too often for a host that is not this machine", s.Schedule.Every)
			return
		}
	}
}
