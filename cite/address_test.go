package cite

import "testing"

// TestOfAddress: addresses at their publishers lead to what they show; a
// number in the name of another's page does not.
func TestOfAddress(t *testing.T) {
	for address, want := range map[string]string{
		"https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=CELEX%3A32008L0115":                                            "celex 32008L0115",
		"https://eur-lex.europa.eu/legal-content/FR/ALL/?uri=celex:02008L0115-20081224":                                     "celex 02008L0115-20081224",
		"https://eur-lex.europa.eu/eli/dir/2008/115/oj/fra":                                                                 "eli http://data.europa.eu/eli/dir/2008/115/oj/fra",
		"http://publications.europa.eu/resource/celex/32024L1346.ENG":                                                       "celex 32024L1346",
		"https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=COM:2025:101:FIN":                                              "com COM(2025) 101",
		"https://eur-lex.europa.eu/legal-content/EN/TXT/?uri=OJ:L_202401348":                                                "oj OJ L, 2024/1348",
		"https://eur-lex.europa.eu/LexUriServ/LexUriServ.do?uri=OJ:L:2008:348:0098:0107:EN:PDF":                             "oj OJ L 348/2008, p. 98",
		"https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=uriserv%3AOJ.L_.2008.348.01.0098.01.FRA":                       "oj OJ L 348/2008, p. 98",
		"https://www.ejustice.just.fgov.be/eli/wet/1980/12/15/1980121550/justel":                                            "eli http://www.ejustice.just.fgov.be/eli/loi/1980/12/15/1980121550/justel",
		"https://www.ejustice.just.fgov.be/cgi_loi/change_lg.pl?language=fr&la=F&cn=1980121530&table_name=loi":              "justel 1980-12-15/30",
		"https://www.ejustice.just.fgov.be/cgi_loi/change_lg_2.pl?language=nl&nm=2026004052&la=N":                           "numac 2026004052",
		"https://www.ejustice.just.fgov.be/cgi/article.pl?language=nl&sum_date=2026-06-12&lg_txt=n&numac_search=2026004052": "numac 2026004052",
		"https://juportal.be/content/ECLI:BE:CASS:2020:ARR.20200915.2N.1":                                                   "ecli ECLI:BE:CASS:2020:ARR.20200915.2N.1",
		"https://curia.europa.eu/juris/documents.jsf?num=C%2D562%2F13":                                                      "cjeu C-562/13",
		"https://hudoc.echr.coe.int/eng#{%22itemid%22:[%22001-103050%22]}":                                                  "ecthr 001-103050",
		"https://www.lachambre.be/FLWB/PDF/56/0066/56K0066001.pdf":                                                          "chamber DOC 56 0066/001",
		"https://www.rvv-cce.be/sites/default/files/arr/a269083.an_.pdf":                                                    "call RvV 269083",
		"https://www.const-court.be/public/f/2025/2025-022f.pdf":                                                            "ecli ECLI:BE:GHCC:2025:ARR.022",
		"https://www.raadvst-consetat.be/arr.php?l=fr&nr=245404":                                                            "council-of-state RvS 245404",
		"https://www.europarl.europa.eu/doceo/document/A-10-2025-0123_EN.html":                                              "ep A10-0123/2025",
		"https://data.consilium.europa.eu/doc/document/ST-6821-2025-REV-1/en/pdf":                                           "council ST 6821 2025 REV 1",
		"https://elsewhere.example/go?to=https%3A%2F%2Feur-lex.europa.eu%2Feli%2Fdir%2F2008%2F115%2Foj":                     "eli http://data.europa.eu/eli/dir/2008/115/oj",
		"https://news.example/32008L0115-explained":                                                                         "",
		"https://news.example/flwb/56K0066001":                                                                              "",
		"https://noteur-lex.europa.eu.example/?uri=OJ:L_202401348":                                                          "",
		"https://dofi.ibz.be/en":                  "",
		"/eli/loi/1980/12/15/1980121550/justel":   "",
		"https://eur-lex.europa.eu/%zz?uri=CELEX": "",
	} {
		got := ""
		if c, ok := OfAddress(address); ok {
			got = string(c.Kind) + " " + c.ID
			if back, ok := Parse(c.ID); !ok || back.ID != c.ID {
				t.Errorf("%s: Parse(%q) = %q, %v", address, c.ID, back.ID, ok)
			}
		}
		if got != want {
			t.Errorf("OfAddress(%q) = %q, want %q", address, got, want)
		}
	}
}

// TestJustel: dossiers of Justel are found as its pages write them.
func TestJustel(t *testing.T) {
	got := found("Dossier numéro : 1980-12-15/30, paru le 2026-06-12, v. 2026-06-12/2026-06-13 et x/1980-12-15/30")
	if len(got) != 1 || got[0] != "justel 1980-12-15/30 «1980-12-15/30»" {
		t.Errorf("found %q", got)
	}
	c, _ := Parse("1980-12-15/30")
	if got, want := c.Link("nl"), "https://www.ejustice.just.fgov.be/cgi_loi/change_lg.pl?language=nl&la=N&cn=1980121530&table_name=wet"; got != want {
		t.Errorf("link %s, want %s", got, want)
	}
}
