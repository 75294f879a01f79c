package server

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Number is a number as the language writes it: with its decimal mark, and with
// its marks between thousands from 10,000 up. What is not digits stays.
func (t *tongue) Number(n any) string {
	text := fmt.Sprint(n)
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	whole, rest := text[:end], strings.Replace(text[end:], ".", t.T("number.decimal"), 1)
	for i := len(whole) - 3; i > 0 && end > 4; i -= 3 {
		whole = whole[:i] + t.T("number.thousands") + whole[i:]
	}
	return whole + rest
}

// Period is a period of a timeline written out: a day, a month, or as it is.
func (t *tongue) Period(period string) string {
	if m, err := time.Parse("2006-01", period); err == nil {
		return t.T("calendar.month", m.Year(), t.months[m.Month()-1])
	}
	return t.Date(period)
}

// Local is a time written out as the clocks of a zone show it, in UTC if there
// is no such zone.
func (t *tongue) Local(at time.Time, zone string) string {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	at = at.In(loc)
	return t.Date(at) + ", " + at.Format("15:04") + " " + at.Format("MST")
}

// Schedule says in words when a source is looked at. An expression that is not
// an interval, nor once on all days, on one day of the week or of the month, is
// left as sources.yaml has it.
func (t *tongue) Schedule(text string) string {
	if every, ok := strings.CutPrefix(text, "@every "); ok {
		d, err := time.ParseDuration(strings.TrimSpace(every))
		switch {
		case err != nil || d < time.Minute || d%time.Minute != 0:
			return text
		case d%(24*time.Hour) == 0:
			return t.N("schedule.days", int(d/(24*time.Hour)))
		case d%time.Hour == 0:
			return t.N("schedule.hours", int(d/time.Hour))
		}
		return t.N("schedule.minutes", int(d/time.Minute))
	}
	spec, zone := text, "UTC"
	if strings.HasPrefix(spec, "CRON_TZ=") || strings.HasPrefix(spec, "TZ=") {
		_, spec, _ = strings.Cut(spec, "=")
		zone, spec, _ = strings.Cut(spec, " ")
	}
	f := strings.Fields(spec)
	if len(f) != 5 || f[3] != "*" {
		return text
	}
	minute, wrongMinute := strconv.Atoi(f[0])
	hour, wrongHour := strconv.Atoi(f[1])
	if wrongMinute != nil || wrongHour != nil {
		return text
	}
	at := fmt.Sprintf("%02d:%02d %s", hour, minute, zone)
	weekday, noWeekday := strconv.Atoi(f[4])
	day, noDay := strconv.Atoi(f[2])
	switch {
	case f[2] == "*" && f[4] == "*":
		return t.T("schedule.daily", at)
	case f[2] == "*" && noWeekday == nil && weekday >= 0 && weekday <= 7:
		return t.T("schedule.weekly", t.weekdays[weekday%7], at)
	case noDay == nil && f[4] == "*":
		return t.T("schedule.monthly", day, at)
	}
	return text
}

// blank is a sentence with a place for its figure, "…" in the document, shown
// as an editor shows what was left out: "a capacity of […]." Where its beginning is
// left out as well, "[...]" in the document, it begins with three dots.
func blank(what string) string {
	what = strings.Replace(what, "…", "[…]", 1)
	if rest, ok := strings.CutPrefix(what, "[...] "); ok {
		return "… " + rest
	}
	return what
}
