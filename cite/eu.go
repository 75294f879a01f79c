package cite

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

func isLetter(r rune) bool { return unicode.IsLetter(r) }

// group returns the n-th group of a match given by its indexes, "" if it took
// no part.
func (t *plain) group(m []int, n int) string {
	if m[2*n] < 0 {
		return ""
	}
	return t.s[m[2*n]:m[2*n+1]]
}

var (
	eliEU = regexp.MustCompile(`(?i)(?:https?://)?(?:(?:data|eur-lex)\.europa\.eu/|\b)eli/(reg|dir|dec|reg_impl|reg_del|dir_impl|dir_del|dec_impl|dec_del|reco|agree|treaty|C|L)/(\d{4})/(\d{1,5}|[a-z]{2,12})((?:/[a-z0-9_()-]{1,40}){0,6})`)
	eliBE = regexp.MustCompile(`(?i)(?:https?://)?(?:www\.)?ejustice\.just\.fgov\.be/eli/(constitution|grondwet|loi|wet|decret|decreet|ordonnance|ordonnantie|arrete|besluit)/(\d{4})/(\d{2})/(\d{2})/([0-9]{4}[0-9AB][0-9]{5})(?:/(justel|moniteur|staatsblad))?`)
)

// french are the Belgian words for an act of which the other is the Dutch
// form: the word only chooses the language.
var french = map[string]string{"wet": "loi", "decreet": "decret", "ordonnantie": "ordonnance", "besluit": "arrete", "grondwet": "constitution", "staatsblad": "moniteur"}

func inFrench(word string) string {
	word = strings.ToLower(word)
	if f := french[word]; f != "" {
		return f
	}
	return word
}

// findELI finds ELIs of the EU (also under EUR-Lex's own address) and Belgium.
// The Belgian normal form has the French word and http, as registered.
func findELI(t *plain, found func(Cite)) {
	for _, m := range eliBE.FindAllStringSubmatchIndex(t.s, -1) {
		numac := strings.ToUpper(t.group(m, 5))
		id := fmt.Sprintf("http://www.ejustice.just.fgov.be/eli/%s/%s/%s/%s/%s", inFrench(t.group(m, 1)), t.group(m, 2), t.group(m, 3), t.group(m, 4), numac)
		if end := inFrench(t.group(m, 6)); end != "" {
			id += "/" + end
		}
		found(Cite{Kind: ELI, ID: id, Same: []string{numac}, Start: m[0], End: m[1]})
	}
	for _, m := range eliEU.FindAllStringSubmatchIndex(t.s, -1) {
		if t.glued(m[0]) {
			continue
		}
		kind, year, number, rest := strings.ToLower(t.group(m, 1)), t.group(m, 2), strings.ToLower(t.group(m, 3)), strings.ToLower(t.group(m, 4))
		end := m[1]
		if kind == "c" || kind == "l" {
			kind = strings.ToUpper(kind)
		}
		for strings.HasSuffix(rest, "-") || strings.HasSuffix(rest, "_") || strings.HasSuffix(rest, ")") && !strings.Contains(rest, "(") {
			rest, end = rest[:len(rest)-1], end-1
		}
		c := Cite{Kind: ELI, ID: "http://data.europa.eu/eli/" + kind + "/" + year + "/" + number + rest, Start: m[0], End: end}
		c.Same = celexOfELI(kind, year, number, rest)
		found(c)
	}
}

var day = regexp.MustCompile(`/(\d{4})-(\d{2})-(\d{2})(?:/|$)`)

// celexOfELI is the CELEX of an act, and first that of its consolidated
// version if the ELI names one by its day.
func celexOfELI(kind, year, number, rest string) []string {
	base, _, _ := strings.Cut(kind, "_")
	letter := map[string]string{"dir": "L", "reg": "R", "dec": "D"}[base]
	n, err := strconv.Atoi(number)
	if letter == "" || err != nil || n > 9999 {
		return nil
	}
	act := fmt.Sprintf("%s%s%04d", year, letter, n)
	if d := day.FindStringSubmatch(rest); d != nil {
		return []string{"0" + act + "-" + d[1] + d[2] + d[3], "3" + act}
	}
	return []string{"3" + act}
}

var (
	ecli   = regexp.MustCompile(`(?i)\bECLI: ?([A-Z]{2}):([A-Z][A-Z0-9]{0,7}):(\d{4}):([A-Z0-9](?:[A-Z0-9.]{0,23}[A-Z0-9])?)`)
	ecliEU = regexp.MustCompile(`\bEU:([CTF]):(\d{4}):(\d{1,5})\b`)
	ecthr  = regexp.MustCompile(`^\d{4}(?:JUD|DEC|REP|ADV)(\d{7})(\d{2})$`)
)

// findECLI finds ECLIs, and those of the EU's courts without their first word.
// An ECLI that ends a sentence does not take its full stop along.
func findECLI(t *plain, found func(Cite)) {
	for _, m := range ecli.FindAllStringSubmatchIndex(t.s, -1) {
		if r := t.next(m[1]); isDigit(r) || r == '_' {
			continue // an ordinal of more than 25 characters is none
		}
		country, court, year, ordinal := strings.ToUpper(t.group(m, 1)), strings.ToUpper(t.group(m, 2)), t.group(m, 3), strings.ToUpper(t.group(m, 4))
		c := normalECLI(country, court, year, ordinal)
		c.Start, c.End = m[0], m[1]
		found(c)
	}
	for _, m := range ecliEU.FindAllStringSubmatchIndex(t.s, -1) {
		found(Cite{Kind: ECLI, ID: "ECLI:" + t.s[m[0]:m[1]], Start: m[0], End: m[1]})
	}
}

// normalECLI gives an ECLI its one spelling: Belgium's Constitutional Court
// writes its numbers with and without leading zeros, and the Council of State
// had another court code for a time.
func normalECLI(country, court, year, ordinal string) Cite {
	c := Cite{Kind: ECLI}
	switch country + court {
	case "BEGHCC":
		if n, ok := strings.CutPrefix(ordinal, "ARR."); ok {
			if v, err := strconv.Atoi(n); err == nil {
				ordinal = fmt.Sprintf("ARR.%03d", v)
			}
		}
	case "BERVSCDE", "BERVSCE":
		court = "RVSCE"
		if n, ok := strings.CutPrefix(ordinal, "ARR."); ok {
			c.Same = []string{"RvS " + strings.ReplaceAll(n, ".", "")}
		}
	case "CEECHR":
		if m := ecthr.FindStringSubmatch(ordinal); m != nil {
			c.Same = []string{strings.TrimLeft(m[1], "0") + "/" + m[2]}
		}
	}
	c.ID = "ECLI:" + country + ":" + court + ":" + year + ":" + ordinal
	return c
}

var celex = regexp.MustCompile(`([0-9CE])((?:19[5-9]|20[0-9])\d)([A-Z]{1,2})(\d{4})((?:\(\d{2}\))?(?:R\(\d{2}\))?)(-\d{8})?(_[A-Z]{3})?`)

// findCELEX finds CELEX numbers, also in addresses, where a colon may be
// spelled %3A.
func findCELEX(t *plain, found func(Cite)) {
	if !hasCELEX(t.s) {
		return
	}
	for _, m := range celex.FindAllStringSubmatchIndex(t.s, -1) {
		if r := t.next(m[1]); isWord(rune(r)) {
			continue
		}
		if coded := m[0] >= 3 && strings.EqualFold(t.s[m[0]-3:m[0]], "%3a"); t.glued(m[0]) && !coded {
			continue
		}
		sector, year, letters, number := t.group(m, 1), t.group(m, 2), t.group(m, 3), t.group(m, 4)
		if !celexLetters(sector, letters) {
			continue
		}
		c := Cite{Kind: CELEX, ID: sector + year + letters + number + t.group(m, 5) + t.group(m, 6), Start: m[0], End: m[1]}
		switch {
		case sector == "0":
			c.Same = []string{"3" + year + letters + number}
		case sector == "6" && len(letters) == 2 && strings.Contains("CTF", letters[:1]):
			c.Same = []string{fmt.Sprintf("%s-%s/%s", letters[:1], strings.TrimLeft(number, "0"), year[2:])}
		case sector == "5" && (letters == "PC" || letters == "DC"):
			c.Same = []string{"COM(" + year + ") " + strings.TrimLeft(number, "0")}
		case sector == "5" && letters == "JC":
			c.Same = []string{"JOIN(" + year + ") " + strings.TrimLeft(number, "0")}
		case sector == "5" && letters == "SC":
			c.Same = []string{"SWD(" + year + ") " + strings.TrimLeft(number, "0")}
		}
		found(c)
	}
}

// hasCELEX looks for a capital between two digits or one letter on, without
// which there is no CELEX: that is much quicker than to match.
func hasCELEX(s string) bool {
	run := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			run++
			continue
		}
		if run >= 4 && s[i] >= 'A' && s[i] <= 'Z' {
			return true
		}
		run = 0
	}
	return false
}

// celexLetters reports whether a sector has documents with these letters.
func celexLetters(sector, letters string) bool {
	switch sector {
	case "0", "3":
		return len(letters) == 1
	case "1", "2", "4", "7", "C", "E":
		return true
	case "5", "6", "8", "9":
		return len(letters) <= 2
	}
	return false
}

var proposal = regexp.MustCompile(`\b(COM|KOM|JOIN|SWD|SEC)(?: ?\( ?((?:19|20)\d{2}) ?\) ?/?|[/:]((?:19|20)\d{2})[/:] ?)(\d{1,5})(?:/(\d)\b)?(?:(?: ?/?:?(?:[Ff]inal|FINAL|FIN\b|fin\.|endg(?:ültig|\.)|endg|def\.|definitief|déf(?:initif|\.)))[^\pL]?)?`)

// findProposals finds documents of the Commission. A COM is a proposal or a
// communication: EUR-Lex has it under one of two numbers.
func findProposals(t *plain, found func(Cite)) {
	for _, m := range proposal.FindAllStringSubmatchIndex(t.s, -1) {
		if m[0] > 0 && t.s[m[0]-1] == '.' {
			continue // the end of a host's name
		}
		series, year := t.group(m, 1), t.group(m, 2)+t.group(m, 3)
		if series == "KOM" {
			series = "COM"
		}
		n, _ := strconv.Atoi(t.group(m, 4))
		if n == 0 {
			continue
		}
		end := m[1]
		for end > m[9] && !isWord(rune(t.s[end-1])) && t.s[end-1] != '.' {
			end--
		}
		c := Cite{Kind: Proposal, ID: fmt.Sprintf("%s(%s) %d", series, year, n), Start: m[0], End: end}
		if n <= 9999 {
			for _, letters := range map[string][]string{"COM": {"PC", "DC"}, "JOIN": {"JC"}, "SWD": {"SC"}, "SEC": {"SC"}}[series] {
				c.Same = append(c.Same, fmt.Sprintf("5%s%s%04d", year, letters, n))
			}
		}
		found(c)
	}
}

var procedureKind = regexp.MustCompile(`^([A-Z]?) ?\((ACI|APP|AVC|BUD|BUI|CNC|CNS|COD|COS|DCE|DEA|DEC|GBD|IMM|INI|INL|INS|NLE|REG|RPS|RSO|RSP|SYN)\)`)

func findProcedures(t *plain, found func(Cite)) {
	for _, f := range t.fractions() {
		if len(f.a) != 4 || len(f.b) != 4 || f.a < "1980" || f.a > "2099" {
			continue
		}
		if m := procedureKind.FindStringSubmatch(t.ahead(f.end, 8)); m != nil {
			found(Cite{Kind: Procedure, ID: f.a + "/" + f.b + m[1] + "(" + m[2] + ")", Start: f.start, End: f.end + len(m[0])})
		}
	}
}

var (
	ojName = `\b(?:OJ|O\.J\.|JO|J\.O\.|PB|Pb\.|ABl\.?|Abl\.?|ABL)(?: ?(?:EU|UE|EC|EG|CE|der EU|de l'UE|van de EU))?,? ?`
	ojNew  = regexp.MustCompile(ojName + `([LC]) ?, ?(20[2-9]\d)/(\d{1,5})(?:(?:,| du| van| vom| of)? ?\d{1,2}[./]\d{1,2}[./]20\d{2})?`)
	ojOld  = regexp.MustCompile(ojName + `(?:n°|nr\.?|Nr\.?|No\.?)? ?([LC]) ?(\d{1,4})(?: ?([AE]))?(?:(?:,| du| van| vom| of)? ?\d{1,2}[./]\d{1,2}[./]|/)((?:19|20)\d{2})\b(?:,? ?(?:p\.|pp\.|blz\.|bladz\.|S\.) ?(\d{1,4}))?`)
	ojYear = regexp.MustCompile(ojName + `((?:19|20)\d{2})[,]? ?([LC]) ?(\d{1,4})(?:,? ?(?:p\.|pp\.|blz\.|S\.) ?(\d{1,4}))?`)
	ojPart = regexp.MustCompile(`\b((?:19|20)\d{2})/([LC]) (\d{1,4})(?: ?[AE])?/(\d{2})\b`)
)

// ojWords are what an OJ reference has one of; in small letters they are parts
// of common words.
var ojWords = []string{"OJ ", "OJ,", "O.J.", "JO ", "JO,", "J.O.", "PB ", "Pb.", "PB,", "ABl", "Abl", "ABL", "/C ", "/L "}

// findOJ finds places in the Official Journal: "OJ L 348, 24.12.2008, p. 98",
// the courts' "OJ 2008 L 348, p. 98", the gazette's own "2011/C 127/01", and
// since October 2023, when acts came to be published one by one, "OJ L,
// 2024/1348, 22.5.2024".
func findOJ(t *plain, found func(Cite)) {
	if !slices.ContainsFunc(ojWords, func(w string) bool { return strings.Contains(t.s, w) }) {
		return
	}
	add := func(m []int, id string) { found(Cite{Kind: OJ, ID: id, Start: m[0], End: m[1]}) }
	page := func(s string) string {
		if s == "" {
			return ""
		}
		return ", p. " + s
	}
	for _, m := range ojNew.FindAllStringSubmatchIndex(t.s, -1) {
		add(m, fmt.Sprintf("OJ %s, %s/%s", t.group(m, 1), t.group(m, 2), t.group(m, 3)))
	}
	for _, m := range ojOld.FindAllStringSubmatchIndex(t.s, -1) {
		add(m, fmt.Sprintf("OJ %s %s%s/%s%s", t.group(m, 1), t.group(m, 2), t.group(m, 3), t.group(m, 4), page(t.group(m, 5))))
	}
	for _, m := range ojYear.FindAllStringSubmatchIndex(t.s, -1) {
		add(m, fmt.Sprintf("OJ %s %s/%s%s", t.group(m, 2), t.group(m, 3), t.group(m, 1), page(t.group(m, 4))))
	}
	for _, m := range ojPart.FindAllStringSubmatchIndex(t.s, -1) {
		add(m, fmt.Sprintf("OJ %s %s/%s, %s", t.group(m, 2), t.group(m, 3), t.group(m, 1), t.group(m, 4)))
	}
}

var (
	epReport  = regexp.MustCompile(`(?:^|[^A-Za-z0-9])(A|B|RC-?B)(\d{1,2})-$`)
	epAdopted = regexp.MustCompile(`\bP(\d{1,2})_TA(?:-PROV)?\((20\d{2})\)(\d{4})\b`)
	stNumber  = regexp.MustCompile(`\bST[ -](\d{3,5})[ /-](20\d{2})(?:[ -](INIT|(?:REV|ADD|COR) ?-?\d{1,2}))?\b`)
)

func findParliament(t *plain, found func(Cite)) {
	for _, f := range t.fractions() {
		if len(f.a) != 4 || yearOf(f.b) == 0 || len(f.b) != 4 || f.start == 0 || t.s[f.start-1] != '-' {
			continue
		}
		if m := epReport.FindStringSubmatch(t.back(f.start, 8)); m != nil {
			id := strings.ReplaceAll(m[1], "RCB", "RC-B") + m[2] + "-" + f.a + "/" + f.b
			found(Cite{Kind: Parliament, ID: id, Start: f.start - len(m[1]+m[2]) - 1, End: f.end})
		}
	}
	for _, m := range epAdopted.FindAllStringSubmatchIndex(t.s, -1) {
		found(Cite{Kind: Parliament, ID: "P" + t.group(m, 1) + "_TA(" + t.group(m, 2) + ")" + t.group(m, 3), Start: m[0], End: m[1]})
	}
}

func findCouncil(t *plain, found func(Cite)) {
	if !strings.Contains(t.s, "ST ") && !strings.Contains(t.s, "ST-") {
		return
	}
	for _, m := range stNumber.FindAllStringSubmatchIndex(t.s, -1) {
		id := "ST " + strings.TrimLeft(t.group(m, 1), "0") + " " + t.group(m, 2)
		if part := t.group(m, 3); part != "" && part != "INIT" {
			id += " " + part[:3] + " " + strings.TrimLeft(part[3:], " -")
		}
		found(Cite{Kind: Council, ID: id, Start: m[0], End: m[1]})
	}
}
