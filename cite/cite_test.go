package cite

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// found lists what Find finds as "kind id «text»".
func found(text string) []string {
	var out []string
	for _, c := range Find(text) {
		out = append(out, string(c.Kind)+" "+c.ID+" «"+text[c.Start:c.End]+"»")
	}
	return out
}

// TestFind: every kind, in the spellings and languages in which publishers write it.
func TestFind(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"eli of the EU", "See http://data.europa.eu/eli/dir/2008/115/oj.", []string{"eli http://data.europa.eu/eli/dir/2008/115/oj «http://data.europa.eu/eli/dir/2008/115/oj»"}},
		{"eli under eur-lex", "(https://eur-lex.europa.eu/eli/reg/2016/679/oj)", []string{"eli http://data.europa.eu/eli/reg/2016/679/oj «https://eur-lex.europa.eu/eli/reg/2016/679/oj»"}},
		{"eli of a consolidated version", "ELI: http://data.europa.eu/eli/dir/2011/83/2022-05-28", []string{"eli http://data.europa.eu/eli/dir/2011/83/2022-05-28 «http://data.europa.eu/eli/dir/2011/83/2022-05-28»"}},
		{"eli of Belgium, Dutch word", "https://www.ejustice.just.fgov.be/eli/wet/1980/12/15/1980121550/justel", []string{"eli http://www.ejustice.just.fgov.be/eli/loi/1980/12/15/1980121550/justel «https://www.ejustice.just.fgov.be/eli/wet/1980/12/15/1980121550/justel»"}},
		{"eli of a year is a listing", "http://www.ejustice.just.fgov.be/eli/loi/1804", nil},

		{"ecli", "HvJ 10 maart 2022, ECLI:EU:C:2022:178.", []string{"ecli ECLI:EU:C:2022:178 «ECLI:EU:C:2022:178»"}},
		{"ecli without its word", "arrêt Landkreis Gifhorn (C‑519/20, EU:C:2022:178)", []string{"cjeu C-519/20 «C‑519/20»", "ecli ECLI:EU:C:2022:178 «EU:C:2022:178»"}},
		{"ecli with a space", "ECLI: EU:C:2022:97", []string{"ecli ECLI:EU:C:2022:97 «ECLI: EU:C:2022:97»"}},
		{"ecli in small letters", "ecli:be:cass:2024:arr.20240110.2f.3", []string{"ecli ECLI:BE:CASS:2024:ARR.20240110.2F.3 «ecli:be:cass:2024:arr.20240110.2f.3»"}},
		{"ecli, constitutional court, padded", "ECLI:BE:GHCC:2025:ARR.001", []string{"ecli ECLI:BE:GHCC:2025:ARR.001 «ECLI:BE:GHCC:2025:ARR.001»"}},
		{"ecli, constitutional court, not padded", "ECLI:BE:GHCC:2025:ARR.22", []string{"ecli ECLI:BE:GHCC:2025:ARR.022 «ECLI:BE:GHCC:2025:ARR.22»"}},
		{"ecli, council of state, old code", "ECLI:BE:RVSCDE:2025:ORD.16.382", []string{"ecli ECLI:BE:RVSCE:2025:ORD.16.382 «ECLI:BE:RVSCDE:2025:ORD.16.382»"}},
		{"ecli, labour court", "ECLI:BE:CTLIE:2017:ARR.20170718.3", []string{"ecli ECLI:BE:CTLIE:2017:ARR.20170718.3 «ECLI:BE:CTLIE:2017:ARR.20170718.3»"}},
		{"ecli, strasbourg", "ECLI:CE:ECHR:2001:1212DEC005220799", []string{"ecli ECLI:CE:ECHR:2001:1212DEC005220799 «ECLI:CE:ECHR:2001:1212DEC005220799»"}},

		{"celex", "CELEX 32008L0115", []string{"celex 32008L0115 «32008L0115»"}},
		{"celex, consolidated", "02011L0083-20220528", []string{"celex 02011L0083-20220528 «02011L0083-20220528»"}},
		{"celex, corrigendum", "32016R0679R(02),", []string{"celex 32016R0679R(02) «32016R0679R(02)»"}},
		{"celex in an address", "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX%3A62013CJ0562", []string{"celex 62013CJ0562 «62013CJ0562»"}},

		{"com", "COM(2025) 101 final", []string{"com COM(2025) 101 «COM(2025) 101 final»"}},
		{"com, no space and zeros", "COM(2025)0101", []string{"com COM(2025) 101 «COM(2025)0101»"}},
		{"com, german", "KOM(2008) 426 endg., S. 3", []string{"com COM(2008) 426 «KOM(2008) 426 endg.»"}},
		{"com, slashes", "COM/2018/634 final", []string{"com COM(2018) 634 «COM/2018/634 final»"}},
		{"swd, no-break space", "SWD(2025)\u00a051", []string{"com SWD(2025) 51 «SWD(2025)\u00a051»"}},
		{"join", "JOIN (2021) 24", []string{"com JOIN(2021) 24 «JOIN (2021) 24»"}},
		{"com, dutch", "COM(2020) 609 definitief", []string{"com COM(2020) 609 «COM(2020) 609 definitief»"}},

		{"procedure", "2025/0059(COD)", []string{"procedure 2025/0059(COD) «2025/0059(COD)»"}},
		{"procedure with a space", "2016/0225 (COD)", []string{"procedure 2016/0225(COD) «2016/0225 (COD)»"}},

		{"oj, english", "OJ L 348, 24.12.2008, p. 98", []string{"oj OJ L 348/2008, p. 98 «OJ L 348, 24.12.2008, p. 98»"}},
		{"oj, french", "(JO L 348 du 24.12.2008, p. 98)", []string{"oj OJ L 348/2008, p. 98 «JO L 348 du 24.12.2008, p. 98»"}},
		{"oj, dutch", "PB L 348 van 24.12.2008, blz. 98", []string{"oj OJ L 348/2008, p. 98 «PB L 348 van 24.12.2008, blz. 98»"}},
		{"oj, german", "ABl. L 348 vom 24.12.2008, S. 98", []string{"oj OJ L 348/2008, p. 98 «ABl. L 348 vom 24.12.2008, S. 98»"}},
		{"oj, as the courts write", "OJ 2008 L 348, p. 98", []string{"oj OJ L 348/2008, p. 98 «OJ 2008 L 348, p. 98»"}},
		{"oj, act by act", "OJ L, 2024/1348, 22.5.2024", []string{"oj OJ L, 2024/1348 «OJ L, 2024/1348, 22.5.2024»"}},
		{"oj, number in a series", "2011/C 127/01", []string{"oj OJ C 127/2011, 01 «2011/C 127/01»"}},

		{"parliament", "report A10-0123/2025, text P10_TA(2025)0123", []string{"ep A10-0123/2025 «A10-0123/2025»", "ep P10_TA(2025)0123 «P10_TA(2025)0123»"}},
		{"council", "ST 6821 2025 REV 1", []string{"council ST 6821 2025 REV 1 «ST 6821 2025 REV 1»"}},

		{"numac", "Numac : 2007002066", []string{"numac 2007002066 «2007002066»"}},
		{"numac with a letter", "NUMAC 2024A00123", []string{"numac 2024A00123 «2024A00123»"}},
		{"numac, the gazette's mark", "[C – 2026/004052]", []string{"numac 2026004052 «[C – 2026/004052]»"}},

		{"chamber", "DOC 55 0066/001", []string{"chamber DOC 55 0066/001 «DOC 55 0066/001»"}},
		{"chamber, no-break space", "DOC\u00a0560066/001", []string{"chamber DOC 56 0066/001 «DOC\u00a0560066/001»"}},
		{"chamber, as lawyers write", "Parl.St. Kamer 2005-06, nr. 51-2478/001", []string{"chamber DOC 51 2478/001 «Parl.St. Kamer 2005-06, nr. 51-2478/001»"}},
		{"chamber, a file", "56K0364001", []string{"chamber DOC 56 0364/001 «56K0364001»"}},

		{"call, dutch", "RvV 28 februari 2022, nr. 269.083", []string{"call RvV 269083 «269.083»"}},
		{"call, old and spaced", "RvV nr. 77\u202f134", []string{"call RvV 77134 «77\u202f134»"}},
		{"call, french", "CCE, n° 326 399", []string{"call RvV 326399 «326 399»"}},
		{"call, dotted name", "C.C.E., arrêt n° 326 399", []string{"call RvV 326399 «326 399»"}},
		{"call, number first", "arrest nr. 326.399 van 8 mei 2025 van de Raad voor Vreemdelingenbetwistingen", []string{"call RvV 326399 «326.399»"}},
		{"call, two", "RvV 3 mei 2024, nrs. 305.001 en 305.002", []string{"call RvV 305001 «305.001»", "call RvV 305002 «305.002»"}},
		{"council of state, dutch", "RvS 11 september 2019, nr. 245.404", []string{"council-of-state RvS 245404 «245.404»"}},
		{"council of state, french", "C.E., 28 novembre 2013, n°225.632", []string{"council-of-state RvS 225632 «225.632»"}},
		{"council of state after call", "CCE et C.E., 28 novembre 2013, n° 225.632", []string{"council-of-state RvS 225632 «225.632»"}},
		{"constitutional court, french", "Cour constitutionnelle, arrêt n° 168/2020", []string{"constitutional-court ECLI:BE:GHCC:2020:ARR.168 «168/2020»"}},
		{"constitutional court, dutch", "GwH 20 februari 2025, nr. 22/2025", []string{"constitutional-court ECLI:BE:GHCC:2025:ARR.022 «22/2025»"}},
		{"constitutional court, number first", "arrêt n° 22/2025 de la Cour constitutionnelle", []string{"constitutional-court ECLI:BE:GHCC:2025:ARR.022 «22/2025»"}},
		{"constitutional court, german", "Verfassungsgerichtshof, Entscheid Nr. 43/2013", []string{"constitutional-court ECLI:BE:GHCC:2013:ARR.043 «43/2013»"}},

		{"cjeu", "Case C-562/13", []string{"cjeu C-562/13 «C-562/13»"}},
		{"cjeu, no-break hyphen, urgent", "C‑924/19 PPU and C‑925/19 PPU", []string{"cjeu C-924/19 «C‑924/19 PPU»", "cjeu C-925/19 «C‑925/19 PPU»"}},
		{"cjeu, en dash", "T–600/15", []string{"cjeu T-600/15 «T–600/15»"}},
		{"cjeu, appeal", "C-12/20 P", []string{"cjeu C-12/20 P «C-12/20 P»"}},
		{"cjeu, before the letters", "Case 26/62 Van Gend", []string{"cjeu 26/62 «26/62»"}},

		{"ecthr", "Conka v. Belgium, no. 51564/99", []string{"ecthr 51564/99 «51564/99»"}},
		{"ecthr, several", "nos. 49255/22 and 8697/15", []string{"ecthr 49255/22 «49255/22»", "ecthr 8697/15 «8697/15»"}},
		{"ecthr, few digits", "EHRM, nr. 873/21", []string{"ecthr 873/21 «873/21»"}},
		{"ecthr, french", "requête n° 52207/99", []string{"ecthr 52207/99 «52207/99»"}},
		{"hudoc", "HUDOC 001-187278", []string{"ecthr 001-187278 «001-187278»"}},

		{"doi", "https://doi.org/10.5281/zenodo.18223312.", []string{"doi 10.5281/zenodo.18223312 «https://doi.org/10.5281/zenodo.18223312»"}},
		{"doi in brackets, capitals", "(DOI: 10.1093/IJRL/eeab012)", []string{"doi 10.1093/ijrl/eeab012 «DOI: 10.1093/IJRL/eeab012»"}},

		{"directive", "Directive 2008/115/EC of the European Parliament", []string{"celex 32008L0115 «Directive 2008/115/EC»"}},
		{"directive, french", "la directive 2008/115/CE", []string{"celex 32008L0115 «directive 2008/115/CE»"}},
		{"directive, dutch compound", "de Terugkeerrichtlijn 2008/115/EG", []string{"celex 32008L0115 «Terugkeerrichtlijn 2008/115/EG»"}},
		{"directive, german", "der Richtlinie 2008/115/EG", []string{"celex 32008L0115 «Richtlinie 2008/115/EG»"}},
		{"directive with its name between", "the Return Directive (2008/115/EC)", []string{"celex 32008L0115 «2008/115/EC»"}},
		{"directive without a community", "richtlijn 2008/115", []string{"celex 32008L0115 «richtlijn 2008/115»"}},
		{"directives", "Directives 2013/32/EU and 2013/33/EU", []string{"celex 32013L0032 «Directives 2013/32/EU»", "celex 32013L0033 «2013/33/EU»"}},
		{"old directive", "Directive 64/221/EEC", []string{"celex 31964L0221 «Directive 64/221/EEC»"}},
		{"regulation", "Regulation (EU) 2024/1348", []string{"celex 32024R1348 «Regulation (EU) 2024/1348»"}},
		{"regulation, no-break space", "Regulation\u00a0(EU)\u00a0No\u00a0604/2013", []string{"celex 32013R0604 «Regulation\u00a0(EU)\u00a0No\u00a0604/2013»"}},
		{"regulation, number like a year", "Regulation (EC) No 1987/2006", []string{"celex 32006R1987 «Regulation (EC) No 1987/2006»"}},
		{"regulation, old", "Regulation (EEC) No 1612/68", []string{"celex 31968R1612 «Regulation (EEC) No 1612/68»"}},
		{"regulation, french", "règlement (UE) n° 604/2013", []string{"celex 32013R0604 «règlement (UE) n° 604/2013»"}},
		{"regulation, dutch", "Verordening (EU) nr. 604/2013", []string{"celex 32013R0604 «Verordening (EU) nr. 604/2013»"}},
		{"regulation, german compound", "Durchführungsverordnung (EU) Nr. 118/2014", []string{"celex 32014R0118 «Durchführungsverordnung (EU) Nr. 118/2014»"}},
		{"regulations in a list", "Regulations (EU) 2024/1348, (EU) 2024/1349 and (EU) 2024/1351", []string{"celex 32024R1348 «Regulations (EU) 2024/1348»", "celex 32024R1349 «(EU) 2024/1349»", "celex 32024R1351 «(EU) 2024/1351»"}},
		{"framework decision", "Council Framework Decision 2008/913/JHA", []string{"celex 32008F0913 «Council Framework Decision 2008/913/JHA»"}},
		{"decision", "Decision No 573/2007/EC", []string{"celex 32007D0573 «Decision No 573/2007/EC»"}},
		{"decision, recent", "décision (UE) 2016/1754", []string{"celex 32016D1754 «décision (UE) 2016/1754»"}},
		{"the noun is in another sentence", "The Directive is old. See 2008/115/EC", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, found(test.text)); diff != "" {
				t.Errorf("Find(%q): -want +got\n%s", test.text, diff)
			}
		})
	}
}

// TestFindNothing: what looks like a number of ours and is none.
func TestFindNothing(t *testing.T) {
	for _, text := range []string{
		"tel. 02 793 80 00", "+32 2 488 80 00", "0032.2.793.80.00", "2007002066", "call us: 02/793.80.00", "Call 269.083 for help",
		"15/03/2023", "2023-03-15", "on 12/25", "24/7", "9/11", "2025/26", "1.145 places", "1 145 places", "€ 1.250,00", "BE71 0961 2345 6769",
		"Le centre compte 36.077 places", "10.000/jaar", "10.2024/05", "10.1/2", "version 10.2024/15", "C-130", "F-16/24 jets", "page 3/12", "no. 12/25", "nr. 604/13",
		"https://example.com/2024/12/news", "COM 2024", "EXAMPLE.COM/2024/101", "com(2025) 101", "besluit 2021/12", "décision 2021/12", "règlement n° 12/2005",
		"RvV 2022", "RvS van 2019, nr. 2019", "Conseil d'État, section 12", "Cour constitutionnelle, n° 5", "de Raad van State telt 44 leden", "ABC12345L6789", "12345A6789",
		"DOC 12 3456/001", "doc 560", "procedure 2025/0059(XYZ)", "Room C-12/2", "2008/115", "Grondwettelijk Hof, 20 februari 2025", "ST 12 2025", "OJ Simpson, 1995", "[C - 12/123]",
	} {
		if got := found(text); got != nil {
			t.Errorf("Find(%q) = %q, want nothing", text, got)
		}
	}
}

// TestSame: numbers of one thing lead to each other.
func TestSame(t *testing.T) {
	for text, want := range map[string][]string{
		"http://data.europa.eu/eli/dir/2008/115/oj":                                 {"32008L0115"},
		"http://data.europa.eu/eli/reg_impl/2014/118/oj":                            {"32014R0118"},
		"http://data.europa.eu/eli/dir/2011/83/2022-05-28":                          {"02011L0083-20220528", "32011L0083"},
		"http://www.ejustice.just.fgov.be/eli/wet/2007/01/12/2007002066/staatsblad": {"2007002066"},
		"02011L0083-20220528":                {"32011L0083"},
		"COM(2025) 101":                      {"52025PC0101", "52025DC0101"},
		"52025PC0101":                        {"COM(2025) 101"},
		"62013CJ0562":                        {"C-562/13"},
		"ECLI:CE:ECHR:2001:1212DEC005220799": {"52207/99"},
		"ECLI:BE:RVSCE:2019:ARR.245.404":     {"RvS 245404"},
	} {
		c, ok := Parse(text)
		if !ok || !cmp.Equal(c.Same, want) {
			t.Errorf("Parse(%q) = %+v, %v; want same %q", text, c, ok, want)
		}
	}
}

// TestParse: what people type into a search box, whole.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		" directive 2008/115/ce ": "", "directive 2008/115/CE": "32008L0115", "Directive 2008/115/EC": "32008L0115", "52207/99": "52207/99", "2007002066": "2007002066",
		"C‑562/13": "C-562/13", "RvV 269.083": "RvV 269083", "32008L0115 and more": "", "return hub": "", "": "",
	} {
		c, ok := Parse(text)
		if ok != (want != "") || c.ID != want {
			t.Errorf("Parse(%q) = %q, %v; want %q", text, c.ID, ok, want)
		}
	}
}

func TestLink(t *testing.T) {
	for _, test := range []struct{ text, lang, want string }{
		{"32008L0115", "nl", "https://eur-lex.europa.eu/legal-content/NL/TXT/?uri=CELEX:32008L0115"},
		{"32008L0115", "sq", "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX:32008L0115"},
		{"http://data.europa.eu/eli/dir/2008/115/oj", "en", "http://data.europa.eu/eli/dir/2008/115/oj"},
		{"COM(2025) 101", "en", "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=COM:2025:101:FIN"},
		{"ECLI:EU:C:2022:97", "en", "https://e-justice.europa.eu/ecli/ECLI:EU:C:2022:97"},
		{"ECLI:BE:CASS:2024:ARR.20240110.2F.3", "nl", "https://juportal.be/content/ECLI:BE:CASS:2024:ARR.20240110.2F.3/NL"},
		{"GwH nr. 22/2025", "nl", "https://www.const-court.be/public/n/2025/2025-022n.pdf"},
		{"ECLI:BE:GHCC:2025:ARR.1", "de", "https://www.const-court.be/public/d/2025/2025-001d.pdf"},
		{"ECLI:CE:ECHR:2001:1212DEC005220799", "fr", "https://hudoc.echr.coe.int/fre#%7B%22ecli%22:[%22ECLI:CE:ECHR:2001:1212DEC005220799%22]%7D"},
		{"2025/0059(COD)", "en", "https://oeil.europarl.europa.eu/oeil/en/procedure-file?reference=2025/0059(COD)"},
		{"OJ L 348, 24.12.2008, p. 98", "en", "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=OJ:L:2008:348:TOC"},
		{"OJ L, 2024/1348, 22.5.2024", "en", "https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=OJ:L_202401348"},
		{"A10-0123/2025", "en", "https://www.europarl.europa.eu/doceo/document/A-10-2025-0123_EN.html"},
		{"P10_TA(2025)0123", "fr", "https://www.europarl.europa.eu/doceo/document/TA-10-2025-0123_FR.html"},
		{"ST 5663 2025 INIT", "en", "https://data.consilium.europa.eu/doc/document/ST-5663-2025-INIT/en/pdf"},
		{"numac 2007002066", "nl", "https://www.ejustice.just.fgov.be/cgi_loi/change_lg_2.pl?language=nl&nm=2007002066&la=N"},
		{"DOC 56 0066/001", "nl", "https://www.dekamer.be/FLWB/PDF/56/0066/56K0066001.pdf"},
		{"RvV nr. 269.083", "nl", "https://www.rvv-cce.be/sites/default/files/arr/a269083.an_.pdf"},
		{"RvS nr. 245.404", "nl", "https://www.raadvst-consetat.be/arr.php?nr=245404&l=nl"},
		{"C-924/19 PPU", "en", "https://curia.europa.eu/juris/liste.jsf?language=en&num=C-924%2F19"},
		{"app. no. 52207/99", "en", "https://hudoc.echr.coe.int/eng#%7B%22appno%22:[%2252207/99%22]%7D"},
		{"doi:10.5281/zenodo.18223312", "en", "https://doi.org/10.5281/zenodo.18223312"},
	} {
		all := Find(test.text)
		if len(all) != 1 {
			t.Errorf("Find(%q) = %q, want one", test.text, found(test.text))
			continue
		}
		if got := all[0].Link(test.lang); got != test.want {
			t.Errorf("link of %q in %s:\n got %s\nwant %s", test.text, test.lang, got, test.want)
		}
	}
}

// TestFindAnySpelling: hyphens and spaces of every kind, and characters that
// cannot be seen, change neither what is found nor where.
func TestFindAnySpelling(t *testing.T) {
	spaces := []string{" ", "\u00a0", "\u202f", "\u2009", "\u00a0 ", "\n", "\u200b "}
	hyphens := []string{"-", "\u2010", "\u2011", "\u2012", "\u2013", "\u2014", "\u2212", "\u00ad-"}
	for _, s := range spaces {
		for _, h := range hyphens {
			text := "é Case C" + h + "562/13," + s + "Regulation" + s + "(EU)" + s + "2024/1348; é"
			want := []string{"cjeu C-562/13 «C" + h + "562/13»", "celex 32024R1348 «Regulation" + s + "(EU)" + s + "2024/1348»"}
			if diff := cmp.Diff(want, found(text)); diff != "" {
				t.Errorf("%q: -want +got\n%s", text, diff)
			}
		}
	}
}

// FuzzFind: whatever the text, what is found lies in it, in order, apart, with
// whole characters, and its normal spelling is found again as itself.
func FuzzFind(f *testing.F) {
	for _, s := range []string{"Directive 2008/115/EC", "RvV 28 februari 2022, nr. 269.083 en 269.084", "ECLI:BE:GHCC:2025:ARR.22", "C‑924/19 PPU", "\xff\u00a0(EU) 2024/1348",
		"COM(2025) 101 final", "OJ L, 2024/1348, 22.5.2024", "https://doi.org/10.5281/zenodo.1)", "Parl.St. Kamer 2005-06, nr. 51-2478/001", "http://data.europa.eu/eli/dir/2011/83/2022-05-28", "№ 52207/99 v. B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, c := range Find(text) {
			if c.Start < last || c.End <= c.Start || c.End > len(text) {
				t.Fatalf("%q: [%d,%d) after %d", text, c.Start, c.End, last)
			}
			last = c.End
			if utf8.ValidString(text) && !utf8.ValidString(text[c.Start:c.End]) {
				t.Fatalf("%q: [%d,%d) cuts a character", text, c.Start, c.End)
			}
			if c.ID == "" || strings.ContainsAny(c.ID, "\n\u00a0") {
				t.Fatalf("%q: bad id %q", text, c.ID)
			}
			_ = c.Link("nl")
			if again, ok := Parse(c.ID); c.Kind == ECLI || c.Kind == CELEX || c.Kind == Proposal || c.Kind == DOI {
				if !ok || again.ID != c.ID {
					t.Fatalf("%q: %s is read again as %q", text, c.ID, again.ID)
				}
			}
		}
	})
}

// BenchmarkFind reads a page of law, and texts made to be slow.
func BenchmarkFind(b *testing.B) {
	page := strings.Repeat("De artikelen 7 en 74/6 van de wet van 15 december 1980, gewijzigd bij de wet van 12 januari 2007, zijn van toepassing op de vreemdeling bedoeld in Richtlijn 2008/115/EG (RvS 11 september 2019, nr. 245.404). ", 300)
	for name, text := range map[string]string{"law": page, "courts": strings.Repeat("RvV CCE C.E. ", 5000) + "1", "nouns": strings.Repeat("Directive and ", 5000) + "1/2/EC", "digits": strings.Repeat("1/2/", 15000)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for range b.N {
				Find(text)
			}
		})
	}
}
