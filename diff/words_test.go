package diff

import (
	"slices"
	"strings"
	"testing"
)

func TestTokenise(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"In all 1 145 places.", "In|all|1 145|places|."},
		{"36.077 and 1,145 and 15 000 000", "36.077|and|1,145|and|15 000 000"},
		{"art. 74/6, § 1bis", "art|.|74/6|,|§ 1bis"},
		{"case C‑758/24, ECLI:EU:C:2025:591", "case|C‑758/24|,|ECLI:EU:C:2025:591"},
		{"l’étranger n'est qu'un hôte", "l’|étranger|n'|est|qu'|un|hôte"},
		{"12/03/2026 14:05 2026-03-12", "12/03/2026|14:05|2026-03-12"},
		{"30-day 10-15", "30|-|day|10|-|15"},
		{"1° (2°)", "1°|(|2°|)"},
		{"a.b@c.example, www.d.example.", "a.b@c.example|,|www.d.example|."},
		{"tel. 02 793 80 00", "tel|.|02|793|80|00"},
		{"2008/115/EC and/or", "2008/115/EC|and|/|or"},
		{"Verordnung 2024/1348", "Verordnung|2024/1348"},
		// numbers of acts and articles
		{"n° 92-681 du 20 juillet 1992", "n|°|92-681|du|20 juillet 1992"},
		{"loi no 78-17 et décret 2019-798", "loi|no|78-17|et|décret|2019-798"},
		{"R722-8, L. 511-1, L.742-2 et R. 313-14-1", "R722-8|,|L. 511-1|,|L.742-2|et|R. 313-14-1"},
		{"articles 742-2 et 21-1bis, BWBR0020611", "articles|742-2|et|21|-|1bis|,|BWBR0020611"},
		{"article 21-1bis, 1°", "article|21-1bis|,|1°"},
		{"from 24-72 hours, in 2019-2020", "from|24|-|72|hours|,|in|2019|-|2020"},
		// days
		{"am 1. März 2026, le 1er mars 2026.", "am|1. März 2026|,|le|1er mars 2026|."},
		{"on March 3, 2026 or 3 April", "on|March 3, 2026|or|3|April"},
		{"the 5th of May 2026; 26.07.2019", "the|5th of May 2026|;|26.07.2019"},
		{"May 2026", "May|2026"},
		{"van 12 mei 2020 tot 2021", "van|12 mei 2020|tot|2021"},
		// marks of amendments, and letters of list items
		{"de [³ six ans]³, [12 puis]12 [1]", "de|[³|six|ans|]³|,|[12|puis|]12|[|1|]"},
		{"]17[4 ;]4", "]17|[4|;|]4"},
		{"a.niet, e.g. d.example.org", "a|.|niet|,|e.g|.|d.example.org"},
		{" lead  and trail ", "|lead|and|trail"},
		{"", ""},
	} {
		var got []string
		toks := tokenise(x.text)
		for _, k := range toks {
			got = append(got, k.text)
		}
		if g := strings.Join(got, "|"); g != x.want {
			t.Errorf("%q: %q, want %q", x.text, g, x.want)
		}
		if rawText(toks) != x.text {
			t.Errorf("%q: put together %q", x.text, rawText(toks))
		}
	}
}

// In a redline a range is told as a whole, and a mark of amendment stays beside its words.
func TestRedlineOfRangesAndMarks(t *testing.T) {
	for _, x := range []struct{ before, after, want string }{
		{"for 10-15 days", "for 10-20 days", "for [-10-15-]{+10-20+} days"},
		{"for 10–15 days", "for 5–20 days", "for [-10–15-]{+5–20+} days"},
		{"for 5–15 days", "for 10–15 days", "for [-5–15-]{+10–15+} days"},
		{"de cinq ans au plus", "de [³ six ans]³ au plus", "de [-cinq-]{+[³ six+} ans{+]³+} au plus"},
	} {
		var b strings.Builder
		for _, w := range compareWords(x.before, x.after).words() {
			b.WriteString(map[string]string{Deleted: "[-", Inserted: "{+"}[w.Op] + w.Text + map[string]string{Deleted: "-]", Inserted: "+}"}[w.Op])
		}
		if b.String() != x.want {
			t.Errorf("%q → %q: %s, want %s", x.before, x.after, b.String(), x.want)
		}
	}
}

// What is in between the marks where an act took words away is nothing.
func TestUnmarked(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"[² Cour des marchés]²", "Cour des marchés"}, {"[3 a]3[16 b]16", "ab"}, {"[⁴ ...]⁴", ""}, {"[5 ...]5", ""},
		{"as in [1] and [12]", "as in [1] and [12]"}, {"a[i] b", "a[i] b"}, {"no mark", "no mark"},
	} {
		if got := unmarked(x.text); got != x.want {
			t.Errorf("%q: %q, want %q", x.text, got, x.want)
		}
	}
}

func TestParseNumber(t *testing.T) {
	for _, x := range []struct{ text, want string }{
		{"751", "751"}, {"1 145", "1145"}, {"1.145", "1145"}, {"1,145", "1145"}, {"1'145", "1145"},
		{"1.145,50", "1145.50"}, {"3,5", "3.5"}, {"3.5", "3.5"}, {"0.125", "0.125"}, {"15.000.000", "15000000"},
		{"4.1.2", ""}, {"007", "7"}, {"1bis", ""}, {"12.03.2026", ""}, {"1,145.5", "1145.5"}, {"", ""}, {"-", ""},
	} {
		if got, ok := parseNumber(x.text); got != x.want || ok != (x.want != "") {
			t.Errorf("%q: %q %v, want %q", x.text, got, ok, x.want)
		}
	}
}

func TestFold(t *testing.T) {
	for _, x := range []struct{ a, b string }{
		{"l’arrêt « définitif »", "l'arre\u0302t \" définitif \""},
		{"co\u00adopération – ﬁn", "coopération - fin"},
		{"l\u0092œuvre…", "l'oeuvre..."},
		{"C‑758/24\u00a0x", "C-758/24 x"},
	} {
		if fold(x.a) != fold(x.b) {
			t.Errorf("%q and %q: %q, %q", x.a, x.b, fold(x.a), fold(x.b))
		}
	}
	same := [][2]string{{"« oui » : non", "\"oui\": non"}, {"1 145 places", "1145 places"}, {"a  b", "a b"}}
	for _, p := range same {
		if blockKey(p[0]) != blockKey(p[1]) {
			t.Errorf("%q and %q have different keys", p[0], p[1])
		}
	}
	unlike := [][2]string{{"un usual", "unusual"}, {"art. 3 05", "art. 305"}, {"Oui", "oui"}, {"été", "ete"}}
	for _, p := range unlike {
		if blockKey(p[0]) == blockKey(p[1]) {
			t.Errorf("%q and %q have the same key", p[0], p[1])
		}
	}
}

// spell writes words as text: [-deleted-]{+inserted+}.
func spell(ws []Word) string {
	var b strings.Builder
	for _, w := range ws {
		switch w.Op {
		case Equal:
			b.WriteString(w.Text)
		case Deleted:
			b.WriteString("[-" + w.Text + "-]")
		default:
			b.WriteString("{+" + w.Text + "+}")
		}
	}
	return b.String()
}

func TestWords(t *testing.T) {
	for _, x := range []struct{ before, after, want string }{
		{"a capacity of 751, he said", "a capacity of 1145, he said", "a capacity of [-751-]{+1145+}, he said"},
		{"with 751 places in all", "with 1 145 places in all", "with [-751-]{+1 145+} places in all"},
		{"The Minister may decide.", "The Minister must decide.", "The Minister [-may-]{+must+} decide."},
		{"from 10 to 20 days", "from 15 to 30 days", "from [-10-]{+15+} to [-20-]{+30+} days"},
		{"One here. Two here. Three here.", "One here. Three here.", "One here. [-Two here. -]Three here."},
		{"One is here. Then it is said. End.", "One is here. It is said. Then it is said. End.", "One is here. {+It is said. +}Then it is said. End."},
		// what two rewritten sentences share by chance is not kept
		{"the members of the council met in a small room of the palace", "every judge and clerk of this court sat for a day without the press",
			"[-the members of the council met in a small room of the palace-]{+every judge and clerk of this court sat for a day without the press+}"},
		// typography is spelt out, word for word
		{"l’avis est donné", "l'avis est rendu", "[-l’-]{+l'+}avis est [-donné-]{+rendu+}"},
		// numbers of acts, articles and days are not cut up
		{"le décret n° 92-681 du 20 juillet 1992 relatif", "le décret n° 2019-798 du 26 juillet 2019 relatif", "le décret n° [-92-681-]{+2019-798+} du [-20 juillet 1992-]{+26 juillet 2019+} relatif"},
		{"aux articles L. 351-9, L. 351-10 et L. 351-10-1 du code", "aux articles L. 5423-1, L. 5423-2 et L. 5423-3 du code",
			"aux articles [-L. 351-9-]{+L. 5423-1+}, [-L. 351-10-]{+L. 5423-2+} et [-L. 351-10-1-]{+L. 5423-3+} du code"},
		{"à l'article L. 742-2 du code", "à l'article L.742-2 du code", "à l'article [-L. 742-2-]{+L.742-2+} du code"},
		{"artikel 74/6, § 1bis", "artikel 74/7, § 1ter", "artikel [-74/6-]{+74/7+}, [-§ 1bis-]{+§ 1ter+}"},
		{"Besluit BWBR0020611 van 1 mei 2019", "Besluit BWBR0020612 van 1 juni 2019", "Besluit [-BWBR0020611-]{+BWBR0020612+} van [-1 mei 2019-]{+1 juni 2019+}"},
		{"under section 34, 35 or 37", "under section 34, 35, 35.1 or 37", "under section 34, 35{+, 35.1+} or 37"},
		{"one, two and three", "one and three", "one[-, two-] and three"},
		{"", "all new", "{+all new+}"},
		{"the same", "the same", "the same"},
	} {
		ws := compareWords(x.before, x.after).words()
		if got := spell(ws); got != x.want {
			t.Errorf("%q to %q:\n got %s\nwant %s", x.before, x.after, got, x.want)
		}
	}
}

// rebuilt puts the words of one side together.
func rebuilt(ws []Word, leave string) string {
	var b strings.Builder
	for _, w := range ws {
		if w.Op != leave {
			b.WriteString(w.Text)
		}
	}
	return b.String()
}

func FuzzWords(f *testing.F) {
	f.Add("The Minister may decide within 30 days.", "The Minister must decide within 1 145 days, § 1bis.")
	f.Add("l’étranger « peut »", "l'étranger \"doit\"")
	f.Add(" 1 000 000,5 ", "C‑758/24 12/03/2026 14:05")
	f.Add("a b a b a b. C d! \xff\xfe", "b a b a b a. \u00ad\u200b")
	f.Fuzz(func(t *testing.T, before, after string) {
		if len(before)+len(after) > 4000 {
			t.Skip()
		}
		if rawText(tokenise(before)) != before {
			t.Fatalf("tokens of %q make %q", before, rawText(tokenise(before)))
		}
		w := compareWords(before, after)
		ws := w.words()
		if got := rebuilt(ws, Inserted); got != before {
			t.Fatalf("before: %q, want %q", got, before)
		}
		if got := rebuilt(ws, Deleted); got != after {
			t.Fatalf("after: %q, want %q", got, after)
		}
		for _, lang := range append(slices.Clone(languages), "") {
			for _, s := range signals(w, rulesFor(lang)) {
				if s.Evidence == "" || s.Code == "" {
					t.Fatalf("no evidence: %+v", s)
				}
			}
		}
	})
}
