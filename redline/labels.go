package redline

import (
	"fmt"
	"maps"
	"strings"

	"veille/diff"
)

// Labels are the words that a page says around a wording, in one language.
type Labels struct {
	Lang string
	Ops  map[diff.Op]string
	// Senses are the names of senses; a code that is not in it stands for itself.
	Senses map[string]string
	Edits  string // the name of the list of edits
	Weight string // with the weight
	Frame  string // what only concerns menus and footers
	// Left and Came lead from where a passage stood to where it stands, and back.
	Left, Came string
	Damped     string    // how often a passage changed before, and what it would weigh
	Why        string    // the name of the list of senses
	None       string    // nothing differs
	Hidden     [2]string // one, and with their number
	Cut        string    // with the number of edits left out
	// Around deleted and inserted words, for those who hear the page.
	Deleted, EndDeleted, Inserted, EndInserted string
	FirstSeen                                  string
}

// Op is the name of an operation.
func (l *Labels) Op(op diff.Op) string { return or(l.Ops[op], string(op)) }

// Sense is the name of a sense.
func (l *Labels) Sense(code string) string { return or(l.Senses[code], code) }

// WeightOf says a weight.
func (l *Labels) WeightOf(n int) string { return fmt.Sprintf(l.Weight, n) }

// DampedOf says why an edit weighs less than its senses.
func (l *Labels) DampedOf(d *diff.Damping) string { return fmt.Sprintf(l.Damped, d.Times, d.Weight) }

// HiddenOf says how many edits are hidden.
func (l *Labels) HiddenOf(n int) string {
	if n == 1 {
		return l.Hidden[0]
	}
	return fmt.Sprintf(l.Hidden[1], n)
}

// CutOf says how many edits are left out.
func (l *Labels) CutOf(n int) string { return fmt.Sprintf(l.Cut, n) }

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// LabelsIn are the labels of English, French, Dutch or German ("en", "fr",
// "nl", "de", also with a region); of English for any other language. They are
// the caller's to modify.
func LabelsIn(lang string) *Labels {
	code, _, _ := strings.Cut(strings.ToLower(lang), "-")
	l, ok := labels()[code]
	if !ok {
		l = labels()["en"]
	}
	l.Senses = maps.Clone(senseNames[l.Lang])
	return &l
}

// opNames names the operations in the order of their constants.
func opNames(names ...string) map[diff.Op]string {
	out := map[diff.Op]string{}
	for i, op := range []diff.Op{diff.Insert, diff.Delete, diff.Substitute, diff.Move, diff.Split, diff.Join, diff.Renumber, diff.Reformat} {
		out[op] = names[i]
	}
	return out
}

func labels() map[string]Labels {
	return map[string]Labels{
		"en": {Lang: "en", Ops: opNames("Inserted", "Deleted", "Reworded", "Moved", "Split", "Joined", "Renumbered", "Set differently"),
			Edits: "What differs", Weight: "weight %d", Frame: "page furniture", Left: "moved from here: see where it stands now", Came: "moved here: see where it stood",
			Damped: "the same passage changed %d times before, otherwise weight %d", Why: "Why it may matter", None: "The two wordings do not differ.", Hidden: [2]string{"1 housekeeping edit hidden", "%d housekeeping edits hidden"},
			Cut: "%d more edits are not shown.", Deleted: "[deleted:", EndDeleted: "end of deletion]", Inserted: "[inserted:", EndInserted: "end of insertion]", FirstSeen: "first seen"},
		"fr": {Lang: "fr", Ops: opNames("Inséré", "Supprimé", "Reformulé", "Déplacé", "Scindé", "Fusionné", "Renuméroté", "Présenté autrement"),
			Edits: "Ce qui diffère", Weight: "poids %d", Frame: "habillage de la page", Left: "déplacé d’ici : voir où il figure à présent", Came: "déplacé ici : voir où il figurait",
			Damped: "le même passage a déjà changé %d fois, sinon poids %d", Why: "Pourquoi cela peut compter", None: "Les deux textes ne diffèrent pas.", Hidden: [2]string{"1 modification d’entretien masquée", "%d modifications d’entretien masquées"},
			Cut: "%d autres modifications ne sont pas montrées.", Deleted: "[supprimé :", EndDeleted: "fin de la suppression]", Inserted: "[inséré :", EndInserted: "fin de l’insertion]", FirstSeen: "vu pour la première fois le"},
		"nl": {Lang: "nl", Ops: opNames("Ingevoegd", "Geschrapt", "Anders verwoord", "Verplaatst", "Gesplitst", "Samengevoegd", "Hernummerd", "Anders opgemaakt"),
			Edits: "Wat verschilt", Weight: "gewicht %d", Frame: "paginakader", Left: "van hier verplaatst: zie waar het nu staat", Came: "hierheen verplaatst: zie waar het stond",
			Damped: "dezelfde passage is al %d keer gewijzigd, anders gewicht %d", Why: "Waarom het kan uitmaken", None: "De twee teksten verschillen niet.", Hidden: [2]string{"1 onderhoudswijziging verborgen", "%d onderhoudswijzigingen verborgen"},
			Cut: "Nog %d wijzigingen staan er niet bij.", Deleted: "[geschrapt:", EndDeleted: "einde schrapping]", Inserted: "[ingevoegd:", EndInserted: "einde invoeging]", FirstSeen: "voor het eerst gezien op"},
		"de": {Lang: "de", Ops: opNames("Eingefügt", "Gestrichen", "Umformuliert", "Verschoben", "Geteilt", "Zusammengefügt", "Neu nummeriert", "Anders gesetzt"),
			Edits: "Was abweicht", Weight: "Gewicht %d", Frame: "Seitenrahmen", Left: "von hier verschoben: zur jetzigen Stelle", Came: "hierher verschoben: zur früheren Stelle",
			Damped: "dieselbe Stelle hat sich schon %d-mal geändert, sonst Gewicht %d", Why: "Warum es wichtig sein kann", None: "Die beiden Wortlaute weichen nicht ab.", Hidden: [2]string{"1 Pflegeänderung ausgeblendet", "%d Pflegeänderungen ausgeblendet"},
			Cut: "%d weitere Änderungen sind nicht gezeigt.", Deleted: "[gestrichen:", EndDeleted: "Ende der Streichung]", Inserted: "[eingefügt:", EndInserted: "Ende der Einfügung]", FirstSeen: "zuerst gesehen am"},
	}
}
