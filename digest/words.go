package digest

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"veille/archive"
)

//go:embed templates
var templates embed.FS

// phrases are the fixed texts of the mails: by key, by language. In a text
// {name} is replaced; keys come in ".one" and ".many" where a number counts.
type phrases map[string]map[string]string

func loadPhrases() (phrases, error) {
	b, err := templates.ReadFile("templates/words.json")
	if err != nil {
		return nil, err
	}
	var p phrases
	if err := json.Unmarshal(b, &p); err != nil {
		return nil, fmt.Errorf("templates/words.json: %w", err)
	}
	return p, nil
}

// A tongue speaks one language, in one time zone.
type tongue struct {
	lang    string
	zone    *time.Location
	phrases phrases
}

// say is a phrase with its values, given as name, value, name, value. A key
// without a text in the language is said in English, and one that does not
// exist as the key: a mail that must be sent is not stopped by a word.
func (t *tongue) say(key string, values ...string) string {
	text := t.phrases[key][t.lang]
	if text == "" {
		text = t.phrases[key]["en"]
	}
	if text == "" {
		return key
	}
	if len(values) == 0 {
		return text
	}
	pairs := make([]string, len(values))
	for i, v := range values {
		if pairs[i] = v; i%2 == 0 {
			pairs[i] = "{" + v + "}"
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// count says a phrase that counts.
func (t *tongue) count(key string, n int, values ...string) string {
	if n == 1 {
		return t.say(key+".one", values...)
	}
	return t.say(key+".many", append([]string{"n", strconv.Itoa(n)}, values...)...)
}

// time says a moment, in the reader's zone.
func (t *tongue) time(at time.Time) string {
	at = at.In(t.zone)
	return t.say("time", "day", t.day(at), "clock", at.Format("15:04"), "zone", at.Format("MST"))
}

// seen says when a change was first seen; the day once, where both looks were on it.
func (t *tongue) seen(i archive.Interval) string {
	if i.After.IsZero() {
		return t.say("seen.by", "by", t.time(i.By))
	}
	after, by := i.After.In(t.zone), i.By.In(t.zone)
	if after.Format("2006-01-02 MST") != by.Format("2006-01-02 MST") { // nor is it said once where the clock was put forward or back between
		return t.say("seen.between", "after", t.time(after), "by", t.time(by))
	}
	form := "15:04"
	if after.Format(form) == by.Format(form) {
		form = "15:04:05"
	}
	return t.say("seen.day", "day", t.day(by), "after", after.Format(form), "by", by.Format(form+" MST"))
}

// day says a day.
func (t *tongue) day(at time.Time) string {
	n := strconv.Itoa(at.Day())
	if n == "1" {
		n = t.say("day.first")
	}
	return t.say("day", "day", n, "month", t.say("month."+strconv.Itoa(int(at.Month()))), "year", strconv.Itoa(at.Year()))
}

// whyUnread says why a page cannot be read.
func (t *tongue) whyUnread(c archive.Class) string {
	key := "gap.why." + string(c)
	if t.phrases[key] == nil {
		key = "gap.why." + string(archive.Error)
	}
	return t.say(key)
}

// sense says what kind of change a code stands for.
func (t *tongue) sense(code string) string {
	if t.phrases["sense."+code] == nil {
		return code
	}
	return t.say("sense." + code)
}
