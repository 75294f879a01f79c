package cite

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	cjeuKind = regexp.MustCompile(`^(?: ?(?:PPU|RX|OP|REV|P|R)\b)+`)
	cjeuOld  = regexp.MustCompile(`(?i)\b(?:cases?|affaires?|zaak|zaken|rechtssachen?|rs\.) $`)
)

// findCJEU finds cases of the Court of Justice (C), General Court (T) and
// Civil Service Tribunal (F), and those of the years before the letters.
func findCJEU(t *plain, found func(Cite)) {
	for _, f := range t.fractions() {
		if len(f.b) != 2 || len(f.a) > 4 || t.next(f.end) == '/' {
			continue
		}
		number, year := strings.TrimLeft(f.a, "0"), f.b
		if number == "" {
			continue
		}
		if len(number) <= 3 && year >= "54" && year <= "88" && cjeuOld.MatchString(t.back(f.start, 16)) {
			found(Cite{Kind: CJEU, ID: number + "/" + year, Start: f.start, End: f.end})
		}
		if court := t.courtLetter(f.start); court != "" && (court != "F" || year >= "05" && year <= "16") && (court == "F" || year >= "89" || year <= "49") {
			c := Cite{Kind: CJEU, ID: court + "-" + number + "/" + year, Start: f.start - 2, End: f.end}
			if m := cjeuKind.FindString(t.ahead(f.end, 12)); m != "" {
				c.End += len(m)
				if kind := strings.Fields(m); !slices.Equal(kind, []string{"PPU"}) {
					c.ID += " " + strings.Join(kind, " ") // an appeal is another case, an urgent one the same
				}
			}
			found(c)
		}
	}
}

// courtLetter is the letter of a court of the EU and a hyphen before i.
func (t *plain) courtLetter(i int) string {
	if i < 2 || t.s[i-1] != '-' || !strings.Contains("CTF", t.s[i-2:i-1]) || t.glued(i-2) || i > 2 && (t.s[i-3] == '-' || t.s[i-3] == '/') {
		return ""
	}
	return t.s[i-2 : i-1]
}

var (
	beforeApplication = regexp.MustCompile(`(?i)(?:\bno?s?[.°]{0,2}|\bn[°o]s?\.?|\bnrs?\.?|\bapp(?:l?\.|lications?)|\brequêtes?|\bverzoekschrift(?:en)?|\bbeschwerden?(?: nrn?\.?)?) ?$`)
	moreOfThem        = regexp.MustCompile(`^(?:, | and | et | en | und |, and )(\d{3,6})/(\d{2})\b`)
	strasbourg        = regexp.MustCompile(`(?i)\b(?:ECtHR|ECHR|EHRM|EVRM|CEDH|EGMR|EMRK|Cour eur|Cour EDH|Court of Human Rights|Mensenrechten|droits de l['’]homme|Menschenrechte|app\.|appl\.|applications?|requêtes?|verzoekschrift|Beschwerde|v\. \pL|c\. \pL|t\. \pL|gegen \pL)`)
	hudocItem         = regexp.MustCompile(`\b00[1-9]-\d{4,6}\b`)
)

// findECtHR finds application numbers. "no. 12/25" alone may be anything: a
// number of less than five digits counts only where the text speaks of the
// Court, or of two parties, shortly before.
func findECtHR(t *plain, found func(Cite)) {
	add := func(from, to int, number, year string) {
		if n := strings.TrimLeft(number, "0"); n != "" {
			found(Cite{Kind: ECtHR, ID: n + "/" + year, Start: from, End: to})
		}
	}
	for _, f := range t.fractions() {
		if len(f.b) != 2 || t.next(f.end) == '/' && isDigit(t.next(f.end+1)) || !beforeApplication.MatchString(t.back(f.start, 24)) ||
			len(f.a) < 5 && !strasbourg.MatchString(t.back(f.start, 120)) {
			continue
		}
		add(f.start, f.end, f.a, f.b)
		for end := f.end; ; {
			more := moreOfThem.FindStringSubmatchIndex(t.ahead(end, 24))
			if more == nil {
				break
			}
			add(end+more[2], end+more[1], t.s[end+more[2]:end+more[3]], t.s[end+more[4]:end+more[5]])
			end += more[1]
		}
	}
	if !strings.Contains(t.lower, "hudoc") {
		return
	}
	for _, m := range hudocItem.FindAllStringIndex(t.s, -1) {
		found(Cite{Kind: ECtHR, ID: t.s[m[0]:m[1]], Start: m[0], End: m[1]})
	}
}

var doi = regexp.MustCompile(`(?i)(?:https?://(?:dx\.)?doi\.org/|doi: ?|\b)10\.(\d{4,9}(?:\.\d+)*)/([-._;()/:a-z0-9]*[a-z0-9)])`)

// findDOI finds DOIs, which end before the punctuation of the sentence around
// them. They are the same in capitals and small letters.
func findDOI(t *plain, found func(Cite)) {
	for _, m := range doi.FindAllStringSubmatchIndex(t.s, -1) {
		suffix, end := t.group(m, 2), m[1]
		for strings.HasSuffix(suffix, ")") && strings.Count(suffix, "(") < strings.Count(suffix, ")") {
			suffix, end = suffix[:len(suffix)-1], end-1
		}
		trimmed := strings.TrimRight(suffix, ".;:-_/")
		suffix, end = trimmed, end-(len(suffix)-len(trimmed))
		named := strings.HasPrefix(strings.ToLower(t.s[m[0]:m[1]]), "doi") || strings.HasPrefix(strings.ToLower(t.s[m[0]:m[1]]), "http")
		if suffix == "" || !named && !strings.ContainsFunc(suffix, unicode.IsLetter) || !named && t.glued(m[0]) {
			continue // 10.2024/05 may be a date
		}
		found(Cite{Kind: DOI, ID: "10." + t.group(m, 1) + "/" + strings.ToLower(suffix), Start: m[0], End: end})
	}
}
