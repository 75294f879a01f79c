package diff

import (
	"fmt"
	"strings"
	"testing"
)

// reform is a law in which a chapter and its articles are new, one duty came and one period
// is longer; below it stand so many further articles, each reworded in words of its own.
func reform(chapter, duty, period string, further int) (before, after string) {
	names := strings.Fields("alpha bravo corta delta echoes foxtrot golfer hotels indigo juliet")
	var rest [2]strings.Builder
	for i := range further {
		own := names[i%10] + names[i/10%10] + names[i/100]
		for k, word := range []string{"before", "after"} {
			fmt.Fprintf(&rest[k], "# Art. %d\n%s seven eight nine ten eleven %s\n", 20+i, own, word+own)
		}
	}
	was, is, _ := strings.Cut(duty, "|")
	old, new, _ := strings.Cut(period, "|")
	fresh := "# " + chapter + "\n# Art. 3\nIntroductory words that were not there.\n# Art. 4\nAnd a second set of them stands here.\n"
	return "# Art. 1\n" + was + "\n# Art. 2\n" + old + "\n" + rest[0].String(), "# Art. 1\n" + is + "\n# Art. 2\n" + new + "\n" + fresh + rest[1].String()
}

// A reform is told by the chapters and articles that came, then by what it means, then by counts.
func TestSummaryOfReform(t *testing.T) {
	for _, x := range []struct {
		lang, chapter, duty, period string
		further                     int
		want                        string
	}{
		{"en", "Chapter II. On returns", "The Minister may inform the applicant.|The Minister must inform the applicant.", "An appeal lies within 30 days.|An appeal lies within 10 days.", 0,
			"The code: new: “Chapter II. On returns”, Art. 3, 4; in Art. 1, “may” becomes “must”; in Art. 2, 30 days → 10 days."},
		{"fr", "Chapitre II. Des retours", "Le ministre peut informer l'intéressé.|Le ministre doit informer l'intéressé.", "Le recours est introduit dans les 30 jours.|Le recours est introduit dans les 10 jours.", 200,
			"The code : ajout : « Chapitre II. Des retours », art. 3, 4 ; à l’art. 1, « peut » devient « doit » ; à l’art. 2, 30 jours → 10 jours ; 200 passages reformulés."},
		{"nl", "Hoofdstuk II. Terugkeer", "De minister kan de aanvrager horen.|De minister moet de aanvrager horen.", "Beroep staat open binnen 30 dagen.|Beroep staat open binnen 10 dagen.", 200,
			"The code: nieuw: “Hoofdstuk II. Terugkeer”, art. 3, 4; in art. 1, “kan” wordt “moet”; in art. 2, 30 dagen → 10 dagen; 200 passages herschreven."},
		{"de", "Kapitel II. Rückkehr", "Die Behörde kann Auflagen erteilen.|Die Behörde muss Auflagen erteilen.", "Die Frist beträgt sechs Monate.|Die Frist beträgt zwölf Monate.", 0,
			"The code: neu: „Kapitel II. Rückkehr“, Art. 3, 4; in Art. 1: aus „kann“ wird „muss“; in Art. 2: sechs Monate → zwölf Monate."},
	} {
		before, after := reform(x.chapter, x.duty, x.period, x.further)
		old, new := page(1, before), page(2, after)
		old.Lang, new.Lang, old.Title, new.Title = x.lang, x.lang, "The code", "The code"
		if got := Between(old, new).Summary(x.lang); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.lang, got, x.want)
		}
		// told backwards, what came is what went
		if got := Between(new, old).Summary(x.lang); !strings.Contains(got, x.chapter) {
			t.Errorf("%s, backwards: %s", x.lang, got)
		}
	}
}
