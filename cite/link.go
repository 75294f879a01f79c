package cite

import (
	"fmt"
	"net/url"
	"strings"
)

// Link is the address at which the publisher shows what is cited, in the
// wanted language ("en", "fr", "nl", "de"; else English, and for Belgian ones
// French) as far as the publisher has it; "" where there is none. It is made
// from the number alone: nobody has looked whether the page is there.
func (c *Cite) Link(lang string) string {
	switch c.Kind {
	case ELI:
		return c.ID
	case CELEX:
		return eurLex(lang, "CELEX:"+c.ID)
	case Proposal:
		series, rest, _ := strings.Cut(c.ID, "(")
		year, number, _ := strings.Cut(rest, ") ")
		return eurLex(lang, fmt.Sprintf("%s:%s:%s:FIN", series, year, number))
	case ECLI, ConstitutionalCourt:
		return ecliLink(c.ID, lang)
	case Procedure:
		return "https://oeil.europarl.europa.eu/oeil/" + oneOf(lang, "en", "fr") + "/procedure-file?reference=" + c.ID
	case OJ:
		return ojLink(c.ID, lang)
	case Parliament:
		return parliamentLink(c.ID, lang)
	case Council:
		return councilLink(c.ID, lang)
	case Numac:
		return "https://www.ejustice.just.fgov.be/cgi_loi/change_lg_2.pl?language=" + belgian(lang) + "&nm=" + c.ID + "&la=" + strings.ToUpper(belgian(lang)[:1])
	case Justel:
		l := belgian(lang)
		table := map[string]string{"fr": "loi", "nl": "wet"}[l]
		return "https://www.ejustice.just.fgov.be/cgi_loi/change_lg.pl?language=" + l + "&la=" + strings.ToUpper(l[:1]) + "&cn=" + strings.NewReplacer("-", "", "/", "").Replace(c.ID) + "&table_name=" + table
	case Chamber:
		return chamberLink(c.ID, lang)
	case CALL:
		return "https://www.rvv-cce.be/sites/default/files/arr/a" + strings.TrimPrefix(c.ID, "RvV ") + ".an_.pdf"
	case CouncilOfState:
		return "https://www.raadvst-consetat.be/arr.php?nr=" + strings.TrimPrefix(c.ID, "RvS ") + "&l=" + belgian(lang)
	case CJEU:
		return "https://curia.europa.eu/juris/liste.jsf?language=" + oneOf(lang, "en", "fr", "nl", "de") + "&num=" + url.QueryEscape(strings.Fields(c.ID)[0])
	case ECtHR:
		return hudocLink(c.ID, lang)
	case DOI:
		return "https://doi.org/" + (&url.URL{Path: c.ID}).EscapedPath()
	}
	return ""
}

// oneOf is lang if it is one of the languages, else the first of them.
func oneOf(lang string, langs ...string) string {
	for _, l := range langs {
		if l == lang {
			return l
		}
	}
	return langs[0]
}

func belgian(lang string) string { return oneOf(lang, "fr", "nl") }

func eurLex(lang, uri string) string {
	return "https://eur-lex.europa.eu/legal-content/" + strings.ToUpper(oneOf(lang, "en", "fr", "nl", "de")) + "/TXT/?uri=" + uri
}

// ecliLink prefers the court's own pages, where their addresses are known, to
// the European search.
func ecliLink(id, lang string) string {
	parts := strings.Split(id, ":")
	if len(parts) != 5 {
		return ""
	}
	switch country, court := parts[1], parts[2]; {
	case country == "BE" && court == "GHCC" && strings.HasPrefix(parts[4], "ARR."):
		l := map[string]string{"fr": "f", "nl": "n", "de": "d"}[oneOf(lang, "fr", "nl", "de")]
		return fmt.Sprintf("https://www.const-court.be/public/%s/%s/%s-%s%s.pdf", l, parts[3], parts[3], strings.TrimPrefix(parts[4], "ARR."), l)
	case country == "BE":
		return "https://juportal.be/content/" + id + "/" + strings.ToUpper(belgian(lang))
	case country == "NL":
		return "https://deeplink.rechtspraak.nl/uitspraak?id=" + id
	case country == "CE":
		return hudocQuery(lang, "ecli", id)
	}
	return "https://e-justice.europa.eu/ecli/" + id
}

func hudocQuery(lang, field, value string) string {
	l := map[string]string{"en": "eng", "fr": "fre"}[oneOf(lang, "en", "fr")]
	return "https://hudoc.echr.coe.int/" + l + "#%7B%22" + field + "%22:[%22" + value + "%22]%7D"
}

func hudocLink(id, lang string) string {
	if strings.Contains(id, "/") {
		return hudocQuery(lang, "appno", id)
	}
	return "https://hudoc.echr.coe.int/" + map[string]string{"en": "eng", "fr": "fre"}[oneOf(lang, "en", "fr")] + "?i=" + id
}

// ojLink: acts published one by one have an address of their own, older ones
// that of the issue's table of contents.
func ojLink(id, lang string) string {
	series, rest, _ := strings.Cut(strings.TrimPrefix(id, "OJ "), " ")
	if s, act := strings.CutSuffix(series, ","); act {
		year, number, _ := strings.Cut(rest, "/")
		return eurLex(lang, fmt.Sprintf("OJ:%s_%s%05s", s, year, number))
	}
	issue, year, _ := strings.Cut(rest, "/")
	year, _, _ = strings.Cut(year, ",")
	return eurLex(lang, fmt.Sprintf("OJ:%s:%s:%s:TOC", series, year, issue))
}

func parliamentLink(id, lang string) string {
	form := func(kind, term, year, number string) string {
		return fmt.Sprintf("https://www.europarl.europa.eu/doceo/document/%s-%s-%s-%s_%s.html", kind, term, year, number, strings.ToUpper(oneOf(lang, "en", "fr", "nl", "de")))
	}
	if rest, ok := strings.CutPrefix(id, "P"); ok { // P10_TA(2025)0123
		term, rest, _ := strings.Cut(rest, "_TA(")
		year, number, _ := strings.Cut(rest, ")")
		return form("TA", term, year, number)
	}
	head, year, _ := strings.Cut(id, "/") // A10-0123
	i := strings.LastIndexByte(head, '-')
	kind := strings.TrimRight(head[:i], "0123456789")
	return form(strings.ReplaceAll(kind, "RC-B", "RC"), head[len(kind):i], year, head[i+1:])
}

func councilLink(id, lang string) string {
	parts := strings.Fields(id)
	if len(parts) == 3 {
		parts = append(parts, "INIT")
	}
	return "https://data.consilium.europa.eu/doc/document/" + strings.Join(parts, "-") + "/" + oneOf(lang, "en", "fr", "nl", "de") + "/pdf"
}

func chamberLink(id, lang string) string {
	parts := strings.Fields(id) // DOC 56 0066/001
	dossier, part, one := strings.Cut(parts[2], "/")
	host := map[string]string{"fr": "www.lachambre.be", "nl": "www.dekamer.be"}[belgian(lang)]
	if one {
		return fmt.Sprintf("https://%s/FLWB/PDF/%s/%s/%sK%s%s.pdf", host, parts[1], dossier, parts[1], dossier, part)
	}
	return fmt.Sprintf("https://%s/kvvcr/showpage.cfm?section=/flwb&language=%s&cfm=/site/wwwcfm/flwb/flwbn.cfm?lang=%s&legislat=%s&dossierID=%s",
		host, belgian(lang), strings.ToUpper(belgian(lang)[:1]), parts[1], dossier)
}
