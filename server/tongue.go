package server

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"veille/archive"
)

//go:embed messages/*.json
var messageFiles embed.FS

// Langs are the languages of the pages, the default one first.
var Langs = []string{"en", "fr", "nl", "de"}

// langNames are the languages as they call themselves.
var langNames = map[string]string{"en": "English", "fr": "Français", "nl": "Nederlands", "de": "Deutsch"}

// A tongue says everything on the pages in one language. Its words are in
// messages/, by key; {0}, {1}, … stand for what is put in, and a key that
// counts something ends in .one or .other.
type tongue struct {
	lang             string
	words            map[string]string
	months, weekdays []string
	idioms           []idiom
}

func loadTongues() (map[string]*tongue, error) {
	all := map[string]*tongue{}
	idioms, err := loadIdioms()
	if err != nil {
		return nil, err
	}
	for _, lang := range Langs {
		data, err := messageFiles.ReadFile("messages/" + lang + ".json")
		if err != nil {
			return nil, fmt.Errorf("messages: %w", err)
		}
		t := &tongue{lang: lang, idioms: idioms}
		if err := json.Unmarshal(data, &t.words); err != nil {
			return nil, fmt.Errorf("messages in %s: %w", lang, err)
		}
		if lang == "fr" {
			for key, text := range t.words {
				t.words[key] = unbreakable.Replace(text)
			}
		}
		t.months, t.weekdays = strings.Split(t.words["months"], ","), strings.Split(t.words["weekdays"], ",")
		if len(t.months) != 12 || len(t.weekdays) != 7 {
			return nil, fmt.Errorf("messages in %s: there must be 12 months and 7 days of the week", lang)
		}
		all[lang] = t
	}
	return all, nil
}

// T is the text of a key; the key itself if there is none.
func (t *tongue) T(key string, args ...any) string {
	text, ok := t.words[key]
	if !ok {
		return key
	}
	for i, a := range args {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", fmt.Sprint(a))
	}
	return text
}

// N is the text of a key that counts n things.
func (t *tongue) N(key string, n int) string {
	form := ".other"
	if n == 1 || n == 0 && t.lang == "fr" {
		form = ".one"
	}
	return t.T(key+form, n)
}

// Of is the text of a value under a prefix; the value itself if there is none.
func (t *tongue) Of(prefix string, value any) string {
	v := fmt.Sprint(value)
	if text, ok := t.words[prefix+"."+v]; ok {
		return text
	}
	return v
}

// AtLeast names the changes of a weight of n and more.
func (t *tongue) AtLeast(n int) string {
	if n == 5 { // there is none above it
		return t.T("filters.only", t.Of("weight", n))
	}
	return t.T("filters.atleast", t.Of("weight", n))
}

// Date is a day written out, from "2006-01-02" or from a time; what is neither
// is returned as it is.
func (t *tongue) Date(day any) string {
	switch d := day.(type) {
	case time.Time:
		return t.T("date", d.Year(), t.months[d.Month()-1], t.day(d))
	case string:
		if p, err := time.Parse(time.DateOnly, d); err == nil {
			return t.Date(p)
		}
		return d
	}
	return fmt.Sprint(day)
}

// day is the number of a day in its month, as it is said: "1er" in French.
func (t *tongue) day(d time.Time) string {
	if d.Day() == 1 {
		return t.T("date.first")
	}
	return strconv.Itoa(d.Day())
}

// Weekday is a day written out with the name of the day.
func (t *tongue) Weekday(d time.Time) string {
	return t.T("date.weekday", d.Year(), t.months[d.Month()-1], t.day(d), t.weekdays[d.Weekday()])
}

// Stamp is a time written out, in UTC.
func (t *tongue) Stamp(at time.Time) string {
	at = at.UTC()
	return t.Date(at) + ", " + at.Format("15:04")
}

// Exact is a time written out to the second, in UTC.
func (t *tongue) Exact(at time.Time) string {
	at = at.UTC()
	return t.Date(at) + ", " + at.Format("15:04:05") + " UTC"
}

// Between says when something began as two observations: not there then, there
// then.
func (t *tongue) Between(i archive.Interval) string {
	if i.After.IsZero() {
		return t.T("between.first", t.Exact(i.By))
	}
	return t.observed("between", i)
}

// Ended says when something ended as two observations; nil is not yet.
func (t *tongue) Ended(i *archive.Interval) string {
	if i == nil {
		return t.T("stands")
	}
	return t.observed("until.not", *i)
}

// observed says both times of an interval, their day once if it is the same.
func (t *tongue) observed(key string, i archive.Interval) string {
	a, b := i.After.UTC(), i.By.UTC()
	if a.Format(time.DateOnly) == b.Format(time.DateOnly) {
		return t.T(key+".day", t.Date(a), a.Format("15:04:05"), b.Format("15:04:05"))
	}
	return t.T(key, t.Exact(a), t.Exact(b))
}

// Seen says when something was first seen.
func (t *tongue) Seen(i archive.Interval) string { return t.interval("seen", i) }

// Until says when something was replaced.
func (t *tongue) Until(i *archive.Interval) string { return t.Left("", i) }

// Left says when something went: replaced where how is "", else taken out
// ("delete"), or withdrawn with its page ("withdraw").
func (t *tongue) Left(how string, i *archive.Interval) string {
	if i == nil {
		return t.T("stands")
	}
	if how == "" {
		return t.interval("until", *i)
	}
	return t.interval("until."+how, *i)
}

func (t *tongue) interval(key string, i archive.Interval) string {
	if i.After.IsZero() {
		return t.T(key+".by", t.Stamp(i.By))
	}
	by := t.Stamp(i.By)
	a, b := i.After.UTC(), i.By.UTC()
	if a.Format(time.DateOnly) == b.Format(time.DateOnly) {
		form := "15:04"
		if b.Sub(a) < 2*time.Minute {
			form = "15:04:05"
		}
		return t.T(key+".between", t.Date(a)+", "+a.Format(form), b.Format(form))
	}
	return t.T(key+".between", t.Stamp(a), by)
}

// unbreakable keeps the signs that French sets apart from the word before, or
// behind, on its line.
var unbreakable = strings.NewReplacer(" :", "\u00a0:", " ;", "\u00a0;", " ?", "\u00a0?", " !", "\u00a0!", " %", "\u00a0%", " »", "\u00a0»", "« ", "«\u00a0")

// cookieName is the cookie that keeps the language that a reader chose.
const cookieName = "ui"

// choose says which language a reader wants: what the address says (?ui=),
// else the cookie, else Accept-Language (RFC 9110 §12.5.4), else English. The
// error is for an address that asks for a language there is not.
func choose(r *http.Request) (lang string, err error) {
	if want := r.URL.Query().Get("ui"); want != "" {
		if slices.Contains(Langs, want) {
			return want, nil
		}
		err = &InputError{"ui", "there are no pages in " + quote(want), "use en, fr, nl or de"}
	}
	if c, cerr := r.Cookie(cookieName); cerr == nil && slices.Contains(Langs, c.Value) {
		return c.Value, err
	}
	return accepted(r.Header.Get("Accept-Language")), err
}

// accepted is the language of the highest quality that we have; the first of
// equals, English if there is none.
func accepted(header string) string {
	best, quality := Langs[0], 0.0
	for item := range strings.SplitSeq(header[:min(len(header), 1000)], ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(item), ";")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(v, 64); err != nil {
				continue
			}
		}
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if q > quality && slices.Contains(Langs, primary) {
			best, quality = primary, q
		}
	}
	return best
}
