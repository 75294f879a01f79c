package source

import "slices"

// A Topic is what a source is about, and what one can subscribe to.
type Topic struct {
	ID    string
	Names map[string]string // in en, fr, nl and de
}

// Topics returns all topics, "all" first.
func Topics() []Topic { return slices.Clone(topics) }

func topic(id, en, fr, nl, de string) Topic {
	return Topic{id, map[string]string{"en": en, "fr": fr, "nl": nl, "de": de}}
}

var topics = []Topic{
	topic("all", "All topics", "Tous les thèmes", "Alle thema’s", "Alle Themen"),
	topic("appeals", "Appeals", "Recours", "Beroepen", "Rechtsmittel"),
	topic("asylum-procedure", "Asylum procedure", "Procédure d’asile", "Asielprocedure", "Asylverfahren"),
	topic("closed-centres", "Closed centres", "Centres fermés", "Gesloten centra", "Geschlossene Zentren"),
	topic("coalition-agreement", "Coalition agreement", "Accord de gouvernement", "Regeerakkoord", "Koalitionsvertrag"),
	topic("detention-conditions", "Conditions of detention", "Conditions de détention", "Omstandigheden van detentie", "Haftbedingungen"),
	topic("dublin", "Dublin procedure", "Procédure Dublin", "Dublinprocedure", "Dublin-Verfahren"),
	topic("entry-ban", "Entry bans", "Interdictions d’entrée", "Inreisverboden", "Einreiseverbote"),
	topic("eu-pact", "EU Pact on Migration and Asylum", "Pacte européen sur la migration et l’asile", "EU-pact migratie en asiel", "EU-Migrations- und Asylpaket"),
	topic("eu-return-regulation", "EU Return Regulation", "Règlement européen sur le retour", "EU-terugkeerverordening", "EU-Rückführungsverordnung"),
	topic("forced-return", "Forced return", "Retour forcé", "Gedwongen terugkeer", "Rückführung"),
	topic("frontex", "Frontex", "Frontex", "Frontex", "Frontex"),
	topic("home-visits", "Home visits", "Visites domiciliaires", "Woonstbetredingen", "Wohnungsbetretungen"),
	topic("hr-criticism", "Human rights criticism", "Critiques relatives aux droits humains", "Mensenrechtenkritiek", "Menschenrechtskritik"),
	topic("icam", "Alternatives to detention (ICAM)", "Alternatives à la détention (ICAM)", "Alternatieven voor detentie (ICAM)", "Alternativen zur Haft (ICAM)"),
	topic("legal-aid", "Legal aid", "Aide juridique", "Rechtsbijstand", "Rechtshilfe"),
	topic("masterplan", "Master plan for closed centres", "Masterplan centres fermés", "Masterplan gesloten centra", "Masterplan geschlossene Zentren"),
	topic("prison-abroad", "Prison places abroad", "Places de prison à l’étranger", "Gevangenisplaatsen in het buitenland", "Haftplätze im Ausland"),
	topic("reception-fines", "Fines and penalties on reception", "Astreintes en matière d’accueil", "Dwangsommen inzake opvang", "Zwangsgelder bei der Aufnahme"),
	topic("reception-right", "Right to reception", "Droit à l’accueil", "Recht op opvang", "Recht auf Aufnahme"),
	topic("regularisation", "Regularisation", "Régularisation", "Regularisatie", "Regularisierung"),
	topic("return-costs", "Costs of return", "Frais de retour", "Kosten van terugkeer", "Kosten der Rückkehr"),
	topic("return-hubs", "Return hubs", "Hubs de retour", "Terugkeerhubs", "Rückkehrzentren in Drittstaaten"),
	topic("safe-countries", "Safe countries", "Pays sûrs", "Veilige landen", "Sichere Staaten"),
	topic("statistics", "Statistics", "Statistiques", "Statistieken", "Statistik"),
	topic("urgent-medical-aid", "Urgent medical aid", "Aide médicale urgente", "Dringende medische hulp", "Dringende medizinische Hilfe"),
	topic("voluntary-return", "Voluntary return", "Retour volontaire", "Vrijwillige terugkeer", "Freiwillige Rückkehr"),
}

// TopicByID returns the topic of that id, nil if there is none.
func TopicByID(id string) *Topic {
	for i := range topics {
		if topics[i].ID == id {
			return &topics[i]
		}
	}
	return nil
}

// Label is the topic's name in a language, or else in English.
func (t Topic) Label(lang string) string {
	if n := t.Names[lang]; n != "" {
		return n
	}
	return t.Names["en"]
}
