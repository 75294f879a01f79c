package redline

// senseNames are the names of senses by language, as the web pages give them too.
var senseNames = map[string]map[string]string{
	"en": {
		"modality": "shall / may", "negation": "negation", "exception": "exception", "deadline": "deadline",
		"amount": "figure", "scope": "scope", "term": "term", "definition": "definition",
		"xref": "cross-reference", "force": "entry into force", "authority": "authority", "remedy": "remedy",
		"other": "wording", "contact": "contact details", "nav": "navigation", "date-stamp": "date stamp",
		"typo": "typing error", "whitespace": "white space", "media": "media", "appear": "new page",
		"withdraw": "withdrawn", "move-url": "new address", "restored": "restored",
	},
	"fr": {
		"modality": "doit / peut", "negation": "négation", "exception": "exception", "deadline": "délai",
		"amount": "chiffre", "scope": "champ d’application", "term": "terme", "definition": "définition",
		"xref": "renvoi", "force": "entrée en vigueur", "authority": "autorité", "remedy": "recours",
		"other": "rédaction", "contact": "coordonnées", "nav": "navigation", "date-stamp": "date affichée",
		"typo": "faute de frappe", "whitespace": "espaces", "media": "média", "appear": "nouvelle page",
		"withdraw": "retiré", "move-url": "nouvelle adresse", "restored": "rétabli",
	},
	"nl": {
		"modality": "moet / kan", "negation": "ontkenning", "exception": "uitzondering", "deadline": "termijn",
		"amount": "cijfer", "scope": "toepassingsgebied", "term": "term", "definition": "definitie",
		"xref": "verwijzing", "force": "inwerkingtreding", "authority": "bevoegde overheid", "remedy": "beroep",
		"other": "formulering", "contact": "contactgegevens", "nav": "navigatie", "date-stamp": "datumstempel",
		"typo": "typefout", "whitespace": "witruimte", "media": "media", "appear": "nieuwe pagina",
		"withdraw": "ingetrokken", "move-url": "nieuw adres", "restored": "hersteld",
	},
	"de": {
		"modality": "muss / kann", "negation": "Verneinung", "exception": "Ausnahme", "deadline": "Frist",
		"amount": "Zahl", "scope": "Geltungsbereich", "term": "Begriff", "definition": "Begriffsbestimmung",
		"xref": "Verweis", "force": "Inkrafttreten", "authority": "Zuständigkeit", "remedy": "Rechtsbehelf",
		"other": "Wortlaut", "contact": "Kontaktangaben", "nav": "Navigation", "date-stamp": "Datumsstempel",
		"typo": "Tippfehler", "whitespace": "Leerraum", "media": "Medien", "appear": "neue Seite",
		"withdraw": "zurückgezogen", "move-url": "neue Adresse", "restored": "wiederhergestellt",
	},
}
