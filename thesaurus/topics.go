package thesaurus

import "slices"

// A Topic is a subject that sources are filed under and people subscribe to.
type Topic struct {
	ID     string            // stable, as in sources.yaml
	Labels map[string]string // by language; all of Languages
	// Concepts are the ids of the concepts that the topic is about, the foremost
	// first; none if no concept is.
	Concepts []string
}

// Label returns the topic's name in a language, or in English.
func (t Topic) Label(lang string) string {
	if s := t.Labels[lang]; s != "" {
		return s
	}
	return t.Labels["en"]
}

// topics lists the topics: id, English, French, Dutch, German.
var topics = [...][5]string{
	{"all", "All topics", "Tous les sujets", "Alle onderwerpen", "Alle Themen"},
	{"appeals", "Appeals and courts", "Recours et juridictions", "Beroepen en rechtscolleges", "Rechtsmittel und Gerichte"},
	{"asylum-procedure", "Asylum procedure", "Procédure d’asile", "Asielprocedure", "Asylverfahren"},
	{"closed-centres", "Closed centres", "Centres fermés", "Gesloten centra", "Geschlossene Zentren"},
	{"coalition-agreement", "Coalition agreement", "Accord de gouvernement", "Regeerakkoord", "Regierungsabkommen"},
	{"detention-conditions", "Conditions of detention", "Conditions de détention", "Detentieomstandigheden", "Haftbedingungen"},
	{"dublin", "Dublin and transfers", "Dublin et transferts", "Dublin en overdrachten", "Dublin und Überstellungen"},
	{"entry-ban", "Entry bans", "Interdictions d’entrée", "Inreisverboden", "Einreiseverbote"},
	{"eu-pact", "EU Pact on Migration and Asylum", "Pacte européen sur la migration et l’asile", "Europees migratie- en asielpact", "EU-Migrations- und Asylpaket"},
	{"eu-return-regulation", "EU Return Regulation", "Règlement européen sur le retour", "Europese Terugkeerverordening", "EU-Rückführungsverordnung"},
	{"forced-return", "Forced return", "Retour forcé", "Gedwongen terugkeer", "Erzwungene Rückkehr"},
	{"frontex", "Frontex", "Frontex", "Frontex", "Frontex"},
	{"home-visits", "Entry into homes", "Visites domiciliaires", "Woonstbetredingen", "Betreten von Wohnungen"},
	{"hr-criticism", "Human-rights criticism", "Critiques au nom des droits humains", "Kritiek vanuit de mensenrechten", "Menschenrechtliche Kritik"},
	{"icam", "ICAM coaching", "Accompagnement ICAM", "ICAM-begeleiding", "ICAM-Begleitung"},
	{"legal-aid", "Legal aid", "Aide juridique", "Juridische bijstand", "Rechtsbeistand"},
	{"masterplan", "Masterplan for closed centres", "Masterplan des centres fermés", "Masterplan gesloten centra", "Masterplan für geschlossene Zentren"},
	{"prison-abroad", "Prison places abroad", "Places de prison à l’étranger", "Gevangenisplaatsen in het buitenland", "Haftplätze im Ausland"},
	{"reception-fines", "Penalty payments on reception", "Astreintes en matière d’accueil", "Dwangsommen over opvang", "Zwangsgelder zur Aufnahme"},
	{"reception-right", "Right to reception", "Droit à l’accueil", "Recht op opvang", "Recht auf Aufnahme"},
	{"regularisation", "Regularisation", "Régularisation", "Regularisatie", "Regularisierung"},
	{"return-costs", "Costs of return", "Coûts du retour", "Kosten van terugkeer", "Kosten der Rückkehr"},
	{"return-hubs", "Return hubs", "Plateformes de retour", "Terugkeerhubs", "Rückkehrzentren"},
	{"safe-countries", "Safe countries", "Pays sûrs", "Veilige landen", "Sichere Staaten"},
	{"statistics", "Figures and statistics", "Chiffres et statistiques", "Cijfers en statistieken", "Zahlen und Statistiken"},
	{"urgent-medical-aid", "Urgent medical aid", "Aide médicale urgente", "Dringende medische hulp", "Dringende medizinische Hilfe"},
	{"voluntary-return", "Voluntary return", "Retour volontaire", "Vrijwillige terugkeer", "Freiwillige Rückkehr"},
}

// about lists the concepts that topics are about.
var about = map[string][]string{
	"appeals":              {"effective-remedy", "suspensive-effect", "extreme-urgency", "call"},
	"asylum-procedure":     {"international-protection", "subsequent-application", "right-to-be-heard", "border-procedure"},
	"closed-centres":       {"closed-centre", "alternatives-to-detention", "detention-of-minors"},
	"detention-conditions": {"detention", "detention-review", "house-arrest"},
	"dublin":               {"dublin-transfer", "code-207"},
	"entry-ban":            {"entry-ban", "sis"},
	"eu-pact":              {"pact", "screening", "border-procedure"},
	"eu-return-regulation": {"return-regulation", "european-return-order", "mutual-recognition-return"},
	"forced-return":        {"forced-return", "escorted-flight", "forced-return-monitoring"},
	"frontex":              {"frontex", "escorted-flight"},
	"home-visits":          {"home-visit", "inviolability-of-home", "investigating-judge"},
	"hr-criticism":         {"fundamental-rights", "non-refoulement", "ecthr"},
	"icam":                 {"icam", "return-trajectory"},
	"legal-aid":            {"legal-aid"},
	"reception-fines":      {"penalty-payment", "labour-court"},
	"reception-right":      {"right-to-reception", "reception-conditions", "material-aid", "reception-limitation", "waiting-list"},
	"regularisation":       {"regularisation", "undocumented"},
	"return-hubs":          {"return-hub", "agreement-or-arrangement", "externalisation"},
	"safe-countries":       {"safe-country-of-origin", "safe-third-country"},
	"urgent-medical-aid":   {"urgent-medical-aid", "medical-fitness"},
	"voluntary-return":     {"voluntary-return", "avrr", "voluntary-departure", "period-voluntary-departure"},
}

// Topics returns the topics, "all" first, the others by id.
func (t *Thesaurus) Topics() []Topic {
	list := make([]Topic, len(topics))
	for i := range topics {
		list[i] = topicAt(i)
	}
	return list
}

func topicAt(i int) Topic {
	row := topics[i]
	return Topic{ID: row[0], Concepts: slices.Clone(about[row[0]]), Labels: map[string]string{"en": row[1], "fr": row[2], "nl": row[3], "de": row[4]}}
}

// Topic returns the topic of an id; ok is false if there is none.
func (t *Thesaurus) Topic(id string) (topic Topic, ok bool) {
	for i := range topics {
		if topics[i][0] == id {
			return topicAt(i), true
		}
	}
	return Topic{}, false
}
