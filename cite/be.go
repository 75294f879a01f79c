package cite

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	numacNamed = regexp.MustCompile(`(?i)\bnumac\b(?:[ _-]?(?:search|nummer|number|numéro|nr\.?|n°))?[ :=]{0,3}((?:1[89]|20)\d{2}[0-9AB]\d{5})\b`)
	numacMark  = regexp.MustCompile(`\[ ?C ?-? ?((?:19|20)\d{2})/(\d{5,6}) ?\]`)
)

// findNumac finds NUMACs. Ten digits alone may be a telephone number, so they
// are taken only behind the word, or in the gazette's own mark [C – 2026/004052].
func findNumac(t *plain, found func(Cite)) {
	for _, m := range numacNamed.FindAllStringSubmatchIndex(t.s, -1) {
		found(Cite{Kind: Numac, ID: strings.ToUpper(t.group(m, 1)), Start: m[2], End: m[3]})
	}
	for _, m := range numacMark.FindAllStringSubmatchIndex(t.s, -1) {
		n, _ := strconv.Atoi(t.group(m, 2))
		found(Cite{Kind: Numac, ID: fmt.Sprintf("%s%06d", t.group(m, 1), n), Start: m[0], End: m[1]})
	}
}

// justelDossier matches the number of a dossier of Justel: the day of the act,
// and its number among those of the day.
var justelDossier = regexp.MustCompile(`\b((?:1[789]|20)\d{2})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])/(\d{2,3})\b`)

// findJustel finds dossiers of the Belgian consolidated texts: "Dossier numéro : 1980-12-15/30".
func findJustel(t *plain, found func(Cite)) {
	for _, m := range justelDossier.FindAllStringSubmatchIndex(t.s, -1) {
		if !t.glued(m[0]) && t.next(m[1]) != '/' && (m[0] == 0 || t.s[m[0]-1] != '/') {
			found(Cite{Kind: Justel, ID: t.s[m[0]:m[1]], Start: m[0], End: m[1]})
		}
	}
}

var (
	chamberDoc  = regexp.MustCompile(`(?i)\bDOC\.? ?(?:n°|nr\.?)? ?(\d{2})[ -]?(?:K ?)?(\d{4})/(\d{1,3})\b`)
	chamberFile = regexp.MustCompile(`\b(\d{2})K(\d{4})(\d{3})?\b`)
	chamberParl = regexp.MustCompile(`(?i)\b(?:Parl\. ?(?:St|Doc)\.|Doc\. ?parl\.|Gedr\. ?St\.)[^;]{0,40}?(?:Kamer|Chambre|Ch\.)[^;]{0,30}?(\d{2})-(\d{4})/(\d{1,3})\b`)
)

// findChamber finds documents of the Belgian Chamber: "DOC 56 0066/001", the
// lawyers' "Parl.St. Kamer 2024-25, nr. 56-0066/001", and names of files. The
// sub-number of a whole dossier is left out.
func findChamber(t *plain, found func(Cite)) {
	add := func(m []int, leg, dossier, part string) {
		if n, _ := strconv.Atoi(leg); n < 40 || n > 69 {
			return // legislatures that have such numbers
		}
		id := "DOC " + leg + " " + dossier
		if n, err := strconv.Atoi(part); err == nil {
			id += fmt.Sprintf("/%03d", n)
		}
		found(Cite{Kind: Chamber, ID: id, Start: m[0], End: m[1]})
	}
	for _, re := range []*regexp.Regexp{chamberDoc, chamberParl, chamberFile} {
		for _, m := range re.FindAllStringSubmatchIndex(t.s, -1) {
			add(m, t.group(m, 1), t.group(m, 2), t.group(m, 3))
		}
	}
}

// A courtName is one way to write one of the three courts whose numbers
// Belgian texts give without an ECLI. A short one must be a word of its own,
// in capitals.
type courtName struct {
	text  string // as it stands, or in small letters if it is long
	court Kind
	long  bool
}

var courtNames = []courtName{
	{"RvV", CALL, false}, {"RVV", CALL, false}, {"CCE", CALL, false}, {"CALL", CALL, false}, {"C.C.E.", CALL, false}, {"C. C. E.", CALL, false},
	{"raad voor vreemdelingenbetwistingen", CALL, true}, {"contentieux des étrangers", CALL, true}, {"contentieux des etrangers", CALL, true},
	{"council for alien law litigation", CALL, true}, {"für ausländerstreitsachen", CALL, true},
	{"RvS", CouncilOfState, false}, {"RVS", CouncilOfState, false}, {"RvSt", CouncilOfState, false}, {"C.E.", CouncilOfState, false}, {"C. E.", CouncilOfState, false},
	{"conseil d'état", CouncilOfState, true}, {"conseil d’état", CouncilOfState, true}, {"conseil d'etat", CouncilOfState, true}, {"conseil d’etat", CouncilOfState, true},
	{"raad van state", CouncilOfState, true}, {"council of state", CouncilOfState, true}, {"staatsrat", CouncilOfState, true},
	{"GwH", ConstitutionalCourt, false}, {"C.const.", ConstitutionalCourt, false}, {"C. const.", ConstitutionalCourt, false}, {"C.Const.", ConstitutionalCourt, false}, {"C. Const.", ConstitutionalCourt, false},
	{"grondwettelijk hof", ConstitutionalCourt, true}, {"cour constitutionnelle", ConstitutionalCourt, true}, {"constitutional court", ConstitutionalCourt, true},
	{"verfassungsgerichtshof", ConstitutionalCourt, true}, {"arbitragehof", ConstitutionalCourt, true}, {"cour d'arbitrage", ConstitutionalCourt, true}, {"cour d’arbitrage", ConstitutionalCourt, true},
}

const (
	courtNo    = `(?:[Nn]rs?\.?|[Nn][°o]s?\.?|[Nn]umber|[Nn]ummer|[Nn]uméro)`
	courtDigit = `(\d{1,3}(?:[. ]\d{3})+|\d{1,6}(?:/\d{4})?)\b`
)

var (
	courtFirst  = regexp.MustCompile(`^(?:[^;]{0,70}?\b` + courtNo + ` ?|\pL{0,2},? (?:arrest |arrêt |Urteil )?)` + courtDigit)
	numberFirst = regexp.MustCompile(`(?i)\b(?:arrest|arresten|arrêts?|Urteil|Entscheid|judgments?|rulings?)(?-i) ` + courtNo + ` ?` + courtDigit + `[^;]{0,70}$`)
	courtMore   = regexp.MustCompile(`^(?:, | en | et | and | und )(?:` + courtNo + ` ?)?(\d{1,3}[. ]\d{3}|\d{1,3}/\d{4})\b`)
)

// How much text around a court's name is looked at for its number, in bytes:
// the 70 characters between them, the words around the number, and itself.
const courtReach = 200

// findCourts finds judgments of the three courts. Their numbers are written
// behind the court ("RvS 11 september 2019, nr. 245.404"), or before it
// ("arrêt n° 22/2025 de la Cour constitutionnelle"). Of two courts before a
// number it belongs to the nearer.
func findCourts(t *plain, found func(Cite)) {
	courts := t.courts()
	for i, c := range courts {
		next := len(t.s)
		if i+1 < len(courts) {
			next = courts[i+1].start
		}
		m := courtFirst.FindStringSubmatchIndex(t.ahead(c.end, min(courtReach, next-c.end)))
		if m != nil && t.judgment(c.court, c.end+m[2], c.end+m[3], found) {
			t.moreJudgments(c.court, c.end+m[3], found)
			continue
		}
		from := max(0, c.start-courtReach)
		if i > 0 {
			from = max(from, courts[i-1].end)
		}
		if m := numberFirst.FindStringSubmatchIndex(t.s[from:c.start]); m != nil {
			t.judgment(c.court, from+m[2], from+m[3], found)
		}
	}
}

func (t *plain) moreJudgments(court Kind, end int, found func(Cite)) {
	for {
		more := courtMore.FindStringSubmatchIndex(t.ahead(end, 40))
		if more == nil || !t.judgment(court, end+more[2], end+more[3], found) {
			return
		}
		end += more[1]
	}
}

// A court is a place in the text where a court is named.
type court struct {
	start, end int
	court      Kind
}

// courts finds them in order. "C.C.E." is not "C.E." too.
func (t *plain) courts() []court {
	var all []court
	for _, n := range courtNames {
		s := t.s
		if n.long {
			s = t.lower
		}
		places(s, n.text, func(start, end int) {
			dotted := strings.HasSuffix(n.text, ".")
			if !n.long && (t.glued(start) || !dotted && isWord(rune(t.next(end))) || dotted && strings.HasSuffix(strings.TrimRight(t.s[:start], " "), "C.")) {
				return
			}
			all = append(all, court{start, end, n.court})
		})
	}
	slices.SortFunc(all, func(a, b court) int { return a.start - b.start })
	return all
}

// judgment reports the number at [start, end) if it is one that the court gives.
func (t *plain) judgment(court Kind, start, end int, found func(Cite)) bool {
	number := strings.NewReplacer(".", "", " ", "").Replace(t.s[start:end])
	if r := t.next(end); (r == '/' || r == '-' || r == '.') && isDigit(t.next(end+1)) {
		return false
	}
	count, year, slash := strings.Cut(number, "/")
	n, err := strconv.Atoi(count)
	if err != nil || n == 0 {
		return false
	}
	switch {
	case court == ConstitutionalCourt && slash && n < 1000 && year >= "1985" && year < "2100":
		found(Cite{Kind: ConstitutionalCourt, ID: fmt.Sprintf("ECLI:BE:GHCC:%s:ARR.%03d", year, n), Start: start, End: end})
	case court == CALL && !slash && n >= 100 && n < 1_000_000 && !t.looksLikeYear(start, end):
		found(Cite{Kind: CALL, ID: fmt.Sprintf("RvV %d", n), Start: start, End: end})
	case court == CouncilOfState && !slash && n >= 1000 && n < 1_000_000 && !t.looksLikeYear(start, end):
		found(Cite{Kind: CouncilOfState, ID: fmt.Sprintf("RvS %d", n), Start: start, End: end})
	default:
		return false
	}
	return true
}

// looksLikeYear: four digits without a separator, between 1900 and 2099.
func (t *plain) looksLikeYear(start, end int) bool {
	s := t.s[start:end]
	return len(s) == 4 && (s[:2] == "19" || s[:2] == "20")
}
