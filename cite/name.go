package cite

import (
	"strconv"
	"strings"
)

// natures are what the letters of CELEX numbers of acts stand for.
var natures = map[string]map[byte]string{
	"en": {'L': "Directive", 'R': "Regulation", 'D': "Decision", 'F': "Framework Decision"},
	"fr": {'L': "directive", 'R': "règlement", 'D': "décision", 'F': "décision-cadre"},
	"nl": {'L': "Richtlijn", 'R': "Verordening", 'D': "Besluit", 'F': "Kaderbesluit"},
	"de": {'L': "Richtlinie", 'R': "Verordnung", 'D': "Beschluss", 'F': "Rahmenbeschluss"},
}

// communities are the abbreviations that follow or precede a number, in a language.
var communities = map[string]map[string]string{
	"en": {"EEC": "EEC", "EC": "EC", "EU": "EU", "JHA": "JHA"},
	"fr": {"EEC": "CEE", "EC": "CE", "EU": "UE", "JHA": "JAI"},
	"nl": {"EEC": "EEG", "EC": "EG", "EU": "EU", "JHA": "JBZ"},
	"de": {"EEC": "EWG", "EC": "EG", "EU": "EU", "JHA": "JI"},
}

// Name is what people call the thing that is cited, in a language ("en", "fr",
// "nl", "de"; else English): "Directive 2008/115/EC" for 32008L0115. Of a thing
// that goes by its number it is the ID.
//
// The form of acts of the EU follows the Interinstitutional Style Guide: the
// community is that of the year of the act – EEC until October 1993, EC until
// November 2009, then EU – as far as the year tells; and since 2015 it stands
// in front of the number.
func (c *Cite) Name(lang string) string {
	if c.Kind != CELEX || len(c.ID) < 10 || c.ID[0] != '3' {
		return c.ID
	}
	lang = oneOf(lang, "en", "fr", "nl", "de")
	nature, year, number := natures[lang][c.ID[5]], c.ID[1:5], strings.TrimLeft(c.ID[6:], "0")
	y, err := strconv.Atoi(year)
	if n, nerr := strconv.Atoi(number); nature == "" || err != nil || nerr != nil || n == 0 {
		return c.ID
	}
	community := "EU"
	switch {
	case c.ID[5] == 'F':
		community = "JHA"
	case y <= 1993:
		community = "EEC"
	case y < 2010:
		community = "EC"
	}
	community = communities[lang][community]
	if y < 1999 {
		year = year[2:]
	}
	switch {
	case y >= 2015 && c.ID[5] != 'F':
		return nature + " (" + community + ") " + year + "/" + number
	case c.ID[5] == 'R':
		return nature + " (" + community + ") " + numberWords[lang] + " " + number + "/" + year
	}
	return nature + " " + year + "/" + number + "/" + community
}

var numberWords = map[string]string{"en": "No", "fr": "n°", "nl": "nr.", "de": "Nr."}
