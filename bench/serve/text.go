package main

import (
	"fmt"
	"html"
	"math"
	"math/rand/v2"
	"strings"
)

var langs = []string{"en", "fr", "nl", "de"}

// A phrase is the same words in the four languages. {d}, {e}, {a}, {n} and {p}
// in it stand for days, an amount, an article, a number and a place.
type phrase [4]string

var openings = []phrase{
	{"Without prejudice to Article {a}, ", "Sans préjudice de l’article {a}, ", "Onverminderd artikel {a} ", "Unbeschadet des Artikels {a} "},
	{"Where a return decision has been issued, ", "Lorsqu’une décision de retour a été prise, ", "Wanneer een terugkeerbesluit is genomen, ", "Wurde eine Rückkehrentscheidung erlassen, "},
	{"In the centre at {p}, ", "Au centre de {p}, ", "In het centrum te {p} ", "Im Zentrum {p} "},
	{"As from the first day of the month, ", "À partir du premier jour du mois, ", "Vanaf de eerste dag van de maand ", "Ab dem ersten Tag des Monats "},
	{"In the cases referred to in paragraph {n}, ", "Dans les cas visés au paragraphe {n}, ", "In de gevallen bedoeld in paragraaf {n} ", "In den Fällen des Absatzes {n} "},
	{"At the request of the person concerned, ", "À la demande de l’intéressé, ", "Op verzoek van de betrokkene ", "Auf Antrag der betroffenen Person "},
	{"", "", "", ""},
}

var mains = []phrase{
	{"an appeal is lodged within {d} days of notification", "un recours est introduit dans les {d} jours de la notification", "wordt beroep ingesteld binnen {d} dagen na de kennisgeving", "ist der Rechtsbehelf innerhalb von {d} Tagen nach der Zustellung einzulegen"},
	{"the appeal has suspensive effect", "le recours a un effet suspensif", "heeft het beroep schorsende werking", "hat der Rechtsbehelf aufschiebende Wirkung"},
	{"the authority may extend detention by {d} days", "l’autorité peut prolonger la détention de {d} jours", "kan de overheid de detentie met {d} dagen verlengen", "kann die Behörde die Haft um {d} Tage verlängern"},
	{"the authority shall examine alternatives to detention", "l’autorité examine les alternatives à la détention", "onderzoekt de overheid alternatieven voor detentie", "prüft die Behörde Alternativen zur Haft"},
	{"a daily allowance of {e} euro is paid", "une allocation journalière de {e} euros est versée", "wordt een dagvergoeding van {e} euro betaald", "wird ein Tagegeld von {e} Euro gezahlt"},
	{"an administrative fine of {e} euro may be imposed", "une amende administrative de {e} euros peut être infligée", "kan een administratieve geldboete van {e} euro worden opgelegd", "kann eine Geldbuße von {e} Euro verhängt werden"},
	{"{n} places are available for families with minor children", "{n} places sont disponibles pour les familles avec enfants mineurs", "zijn {n} plaatsen beschikbaar voor gezinnen met minderjarige kinderen", "stehen {n} Plätze für Familien mit minderjährigen Kindern zur Verfügung"},
	{"the applicant is entitled to material reception conditions", "le demandeur a droit aux conditions matérielles d’accueil", "heeft de verzoeker recht op materiële opvangvoorzieningen", "hat der Antragsteller Anspruch auf materielle Aufnahmebedingungen"},
	{"transfer to a return hub requires the consent of the third country", "le transfert vers une plateforme de retour requiert l’accord du pays tiers", "vereist de overbrenging naar een terugkeerhub de instemming van het derde land", "erfordert die Überstellung in ein Rückkehrzentrum die Zustimmung des Drittstaats"},
	{"unaccompanied minors are not held in a closed centre", "les mineurs non accompagnés ne sont pas maintenus en centre fermé", "worden niet-begeleide minderjarigen niet vastgehouden in een gesloten centrum", "werden unbegleitete Minderjährige nicht in einem geschlossenen Zentrum festgehalten"},
	{"a period for voluntary departure of {d} days is granted", "un délai de départ volontaire de {d} jours est accordé", "wordt een termijn voor vrijwillig vertrek van {d} dagen toegekend", "wird eine Frist für die freiwillige Ausreise von {d} Tagen gewährt"},
	{"the entry ban does not exceed {n} years", "l’interdiction d’entrée ne dépasse pas {n} ans", "duurt het inreisverbod niet langer dan {n} jaar", "darf das Einreiseverbot {n} Jahre nicht überschreiten"},
	{"free legal assistance and an interpreter are provided", "une assistance juridique gratuite et un interprète sont fournis", "worden kosteloze rechtsbijstand en een tolk ter beschikking gesteld", "werden unentgeltlicher Rechtsbeistand und ein Dolmetscher gestellt"},
	{"the court reviews the lawfulness of the measure of its own motion", "le tribunal contrôle d’office la légalité de la mesure", "toetst de rechtbank ambtshalve de rechtmatigheid van de maatregel", "prüft das Gericht die Rechtmäßigkeit der Maßnahme von Amts wegen"},
	{"the Commission publishes a report on the monitoring of fundamental rights", "la Commission publie un rapport sur le suivi des droits fondamentaux", "publiceert de Commissie een verslag over het toezicht op de grondrechten", "veröffentlicht die Kommission einen Bericht über die Überwachung der Grundrechte"},
	{"escorts and medical staff accompany the removal", "des escorteurs et du personnel médical accompagnent l’éloignement", "begeleiden escorteurs en medisch personeel de verwijdering", "begleiten Begleitkräfte und medizinisches Personal die Abschiebung"},
}

var endings = []phrase{
	{", unless there is a risk of absconding.", ", sauf s’il existe un risque de fuite.", ", tenzij er een risico op onderduiken bestaat.", ", es sei denn, es besteht Fluchtgefahr."},
	{", in accordance with Article {a} of the Act.", ", conformément à l’article {a} de la loi.", ", overeenkomstig artikel {a} van de wet.", ", nach Artikel {a} des Gesetzes."},
	{".", ".", ".", "."},
	{" and the decision states the reasons in fact and in law.", " et la décision indique les motifs de fait et de droit.", " en vermeldt het besluit de feitelijke en juridische redenen.", " und die Entscheidung nennt die sachlichen und rechtlichen Gründe."},
	{", taking into account the best interests of the child.", ", en tenant compte de l’intérêt supérieur de l’enfant.", ", met inachtneming van het belang van het kind.", ", unter Berücksichtigung des Kindeswohls."},
	{", with the exception of the cases set out in Chapter {n}.", ", à l’exception des cas énoncés au chapitre {n}.", ", met uitzondering van de gevallen vermeld in hoofdstuk {n}.", ", mit Ausnahme der in Kapitel {n} genannten Fälle."},
}

var headings = []phrase{
	{"Scope", "Champ d’application", "Toepassingsgebied", "Anwendungsbereich"}, {"Deadlines", "Délais", "Termijnen", "Fristen"},
	{"Reception conditions", "Conditions d’accueil", "Opvangvoorzieningen", "Aufnahmebedingungen"}, {"Detention", "Détention", "Detentie", "Haft"},
	{"Remedies", "Voies de recours", "Rechtsmiddelen", "Rechtsbehelfe"}, {"Costs and fines", "Frais et amendes", "Kosten en boeten", "Kosten und Geldbußen"},
}

var titles = []phrase{
	{"Act on return and reception, part {n}", "Loi sur le retour et l’accueil, partie {n}", "Wet terugkeer en opvang, deel {n}", "Gesetz über Rückkehr und Aufnahme, Teil {n}"},
	{"Notice on closed centres no. {n}", "Avis relatif aux centres fermés n° {n}", "Bericht over gesloten centra nr. {n}", "Bekanntmachung zu geschlossenen Zentren Nr. {n}"},
	{"Questions about the return decision, sheet {n}", "Questions sur la décision de retour, fiche {n}", "Vragen over het terugkeerbesluit, blad {n}", "Fragen zur Rückkehrentscheidung, Blatt {n}"},
	{"Judgment no. {n} on detention", "Arrêt n° {n} relatif à la détention", "Arrest nr. {n} over detentie", "Urteil Nr. {n} zur Haft"},
}

var places = []string{"Brussels", "Bruges", "Liège", "Antwerp", "Ghent", "Vienna", "Lille", "Cologne"}

// A sentence is one in all languages at once: which phrases, and what stands in
// their places.
type sentence struct {
	opening, main, ending int
	values                map[byte]int
}

func newSentence(r *rand.Rand) sentence {
	return sentence{r.IntN(len(openings)), r.IntN(len(mains)), r.IntN(len(endings)), map[byte]int{
		'd': []int{5, 7, 10, 15, 30, 45, 60, 90}[r.IntN(8)], 'e': 50 * (1 + r.IntN(60)), 'a': 1 + r.IntN(200), 'n': 1 + r.IntN(400), 'p': r.IntN(len(places))}}
}

func (s *sentence) text(lang int) string {
	return upper(filled(openings[s.opening][lang]+mains[s.main][lang]+endings[s.ending][lang], s.values))
}

func filled(text string, values map[byte]int) string {
	for key, n := range values {
		value := fmt.Sprint(n)
		if key == 'p' {
			value = places[n]
		}
		text = strings.ReplaceAll(text, "{"+string(key)+"}", value)
	}
	return text
}

func upper(s string) string {
	for i := range s {
		if i > 0 {
			return strings.ToUpper(s[:i]) + s[i:]
		}
	}
	return s
}

// A document is a text that changes, in all languages at once.
type document struct {
	title, number int
	paras         [][]sentence
	updated       string
}

// newDocument makes one of a notice's, a report's or a law's length: most are
// short, one in a hundred has thousands of paragraphs.
func newDocument(r *rand.Rand, n int) *document {
	d := &document{title: r.IntN(len(titles)), number: n + 1}
	size := 5 + int(12*math.Exp(r.NormFloat64()))
	if n%100 == 7 {
		d.title, size = 0, 1200+r.IntN(1200)
	}
	for range min(size, 2400) {
		d.paras = append(d.paras, newPara(r))
	}
	return d
}

func newPara(r *rand.Rand) []sentence {
	var out []sentence
	for range 1 + r.IntN(3) {
		out = append(out, newSentence(r))
	}
	return out
}

// change edits it as publishers do: mostly a figure, sometimes a word or a
// paragraph, now and then only the date at its foot.
func (d *document) change(r *rand.Rand, day string) {
	d.updated = day
	for range 1 + r.IntN(1+min(len(d.paras)/10, 8)) {
		i := r.IntN(len(d.paras))
		s := &d.paras[i][r.IntN(len(d.paras[i]))]
		switch r.IntN(10) {
		case 0: // housekeeping
		case 1:
			d.paras = append(d.paras[:i], append([][]sentence{newPara(r)}, d.paras[i:]...)...)
		case 2:
			if len(d.paras) > 4 {
				d.paras = append(d.paras[:i], d.paras[i+1:]...)
			}
		case 3:
			s.ending = r.IntN(len(endings))
		case 4:
			*s = newSentence(r)
		default:
			again := newSentence(r)
			s.values = again.values
		}
	}
}

// page is the HTML of it in a language.
func (d *document) page(lang int) []byte {
	var b strings.Builder
	title := filled(titles[d.title][lang], map[byte]int{'n': d.number})
	fmt.Fprintf(&b, "<!doctype html>\n<html lang=%q><head><meta charset=\"utf-8\"><title>%s</title></head>\n<body><header><nav><ul>", langs[lang], html.EscapeString(title))
	for i, h := range headings {
		fmt.Fprintf(&b, "<li><a href=\"/menu/%d\">%s</a></li>", i, h[lang])
	}
	fmt.Fprintf(&b, "</ul></nav></header>\n<main><h1>%s</h1>\n", html.EscapeString(title))
	for i, para := range d.paras {
		if i%7 == 0 {
			fmt.Fprintf(&b, "<h2>%d. %s</h2>\n", i/7+1, html.EscapeString(headings[i/7%len(headings)][lang]))
		}
		b.WriteString("<p>")
		for k := range para {
			if k > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(html.EscapeString(para[k].text(lang)))
		}
		b.WriteString("</p>\n")
	}
	fmt.Fprintf(&b, "<p>%s: %s</p></main>\n<footer><p>info@example.org</p></footer></body></html>\n", [4]string{"Last updated", "Dernière mise à jour", "Laatst bijgewerkt", "Zuletzt aktualisiert"}[lang], d.updated)
	return []byte(b.String())
}
