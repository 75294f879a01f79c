package extract

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"veille/archive"
)

// months are the names of the months in the four languages, without accents
// and in lower case; abbreviations end where they are unambiguous.
var months = map[string]time.Month{
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
	"janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
	"janv": 1, "fevr": 2, "avr": 4, "juil": 7,
	"januari": 1, "februari": 2, "maart": 3, "mei": 5, "juni": 6, "juli": 7, "augustus": 8, "oktober": 10, "mrt": 3, "okt": 10,
	"januar": 1, "janner": 1, "februar": 2, "marz": 3, "maerz": 3, "dezember": 12, "dez": 12,
}

var unaccent = strings.NewReplacer("é", "e", "è", "e", "û", "u", "ä", "a", "à", "a", "É", "e", "Û", "u", "Ä", "a")

var (
	isoDate = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)[0-9]{2})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?:[^0-9]|$)`)
	numDate = regexp.MustCompile(`(?:^|[^0-9])([0-9]{1,2})[ ]?[./-][ ]?([0-9]{1,2})[ ]?[./-][ ]?((?:19|20)[0-9]{2})(?:[^0-9]|$)`)
	dayName = regexp.MustCompile(`(?:^|[^0-9])([0-9]{1,2})(?:er|st|nd|rd|th|e|\.)?[ ](?:of )?(\pL{3,10})\.?,?[ ]((?:19|20)[0-9]{2})(?:[^0-9]|$)`)
	nameDay = regexp.MustCompile(`(\pL{3,10})\.?[ ]([0-9]{1,2})(?:st|nd|rd|th)?,?[ ]((?:19|20)[0-9]{2})(?:[^0-9]|$)`)
)

// parseDate finds the first date in s and returns it as "2006-01-02", "" if
// there is none. It knows ISO 8601, numbers (day before month, as in Europe)
// and names of months in English, French, Dutch and German.
func parseDate(s string) string {
	s = s[:min(len(s), 400)]
	best, at := "", len(s)+1
	try := func(loc []int, year, month, day string) {
		if loc != nil && loc[0] < at {
			if d := date(year, month, day); d != "" {
				best, at = d, loc[0]
			}
		}
	}
	if m := isoDate.FindStringSubmatchIndex(s); m != nil {
		try(m, s[m[2]:m[3]], s[m[4]:m[5]], s[m[6]:m[7]])
	}
	if m := numDate.FindStringSubmatchIndex(s); m != nil {
		try(m, s[m[6]:m[7]], s[m[4]:m[5]], s[m[2]:m[3]])
	}
	for _, m := range dayName.FindAllStringSubmatchIndex(s, 4) {
		try(m, s[m[6]:m[7]], s[m[4]:m[5]], s[m[2]:m[3]])
	}
	for _, m := range nameDay.FindAllStringSubmatchIndex(s, 4) {
		try(m, s[m[6]:m[7]], s[m[2]:m[3]], s[m[4]:m[5]])
	}
	return best
}

// date puts a date together; "" if there is no such day. A month over 12
// before a day is taken for the American order.
func date(year, month, day string) string {
	y, d := number(year), number(day)
	m := int(months[unaccent.Replace(strings.ToLower(month))])
	if month[0] >= '0' && month[0] <= '9' {
		m = number(month)
		if m > 12 && d <= 12 {
			m, d = d, m
		}
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if m < 1 || d < 1 || t.Day() != d || int(t.Month()) != m || y < 1900 || y > 2099 {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
}

func number(s string) int {
	n := 0
	for i := 0; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// The words with which pages introduce their own dates.
var (
	updatedWords = regexp.MustCompile(`(?i)\b(?:last (?:updated|update|modified|reviewed|revised|changed)|updated(?: on)?|page updated|` +
		`derni[èe]re (?:mise [àa] jour|modification|actualisation)|mis(?:e)? [àa] jour(?: le)?|modifi[ée]e? le|actualis[ée]e? le|` +
		`laatste? (?:update|wijziging|bijgewerkt|aanpassing|gewijzigd)|laatst (?:bijgewerkt|gewijzigd|aangepast)|bijgewerkt(?: op)?|gewijzigd op|` +
		`letzte (?:aktualisierung|[äa]nderung|bearbeitung)|zuletzt (?:aktualisiert|ge[äa]ndert)|aktualisiert(?: am)?|stand)\b[ ]?:?`)
	publishedWords = regexp.MustCompile(`(?i)\b(?:published(?: on)?|publication date|date of publication|date published|posted(?: on)?|first published|` +
		`publi[ée]e?(?: le)?|date de publication|mis(?:e)? en ligne|` +
		`gepubliceerd(?: op)?|publicatiedatum|datum van publicatie|geplaatst op|` +
		`ver[öo]ffentlicht(?: am)?|ver[öo]ffentlichungsdatum|erschienen am|erstellt am)\b[ ]?:?`)
	clockWords = regexp.MustCompile(`(?i)^(?:(?:this |deze |cette |diese )?(?:page|pagina|seite) )?(?:was |is |wurde |werd |a été )?` +
		`(?:generated|rendered|served|g[ée]n[ée]r[ée]e?|gegenereerd|erzeugt|generiert|current time|local time|heure|visit(?:or)?s?|bezoekers?|visiteurs?|besucher)\b.{0,12}[0-9]`)
	clockOnly = regexp.MustCompile(`^[0-2]?[0-9][:h][0-5][0-9](?::[0-5][0-9])?(?: ?[ap]m| uur| Uhr)?$`)
)

var inForceWords = regexp.MustCompile(`(?i)\b(?:(?:date of )?entry into force|entere?d into force(?: on)?|in force (?:since|from|as of|on)|applies from|date of effect|` +
	`entr[ée]e? en vigueur(?: le)?|en vigueur (?:depuis(?: le)?|[àa] partir du|le)|date d['’]entr[ée]e en vigueur|` +
	`(?:datum van )?inwerkingtreding|in werking (?:sinds|vanaf|op|getreden op)|van kracht (?:sinds|vanaf|op)|` +
	`inkrafttreten|in kraft (?:seit|ab|getreten am)|g[üu]ltig ab)\b[ ]?(?:dem )?:?`)

// InForce is the date ("2006-01-02") from which a version is in force, as its
// page's metadata says or else its text, in a short block such as "Entrée en
// vigueur : 12-06-2026"; "" if neither does. Of the text it is what the first
// such block says: those further down are of single articles.
func InForce(v *archive.Version) string {
	if v.InForceOn != "" {
		return v.InForceOn
	}
	for i := range v.Blocks {
		t := v.Blocks[i].Text
		if len(t) > 200 || !strings.Contains(t, "20") && !strings.Contains(t, "19") {
			continue
		}
		if d := labelled(t, inForceWords); d != "" {
			return d
		}
	}
	return ""
}

// isClock reports whether a block is nothing but a clock, a counter or the
// time at which a server made the page.
func isClock(text string) bool {
	return len(text) <= 120 && (clockOnly.MatchString(text) || clockWords.MatchString(text))
}

// labelled finds a date behind one of the words in a short text.
func labelled(text string, words *regexp.Regexp) string {
	loc := words.FindStringIndex(text)
	if loc == nil {
		return ""
	}
	rest := text[loc[1]:]
	return parseDate(rest[:min(len(rest), 60)])
}
