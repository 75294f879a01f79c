package diff

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// slowFold and slowPlain are fold and plain without any short cut.
func slowFold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		if t, ok := typography[r]; ok {
			b.WriteString(t)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func slowPlain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(slowFold(s))))
}

// Nearly all texts are of letters that need no tables. What is found out about
// them the quick way must be what the tables say, of each letter and beside an
// accent that belongs to it.
func TestWhatIsFoldedQuicklyIsFoldedRight(t *testing.T) {
	for r := rune(1); r < 0x3100; r++ {
		for _, s := range []string{string(r), "a" + string(r) + "\u0301", "É" + string(r) + "x"} {
			if got, want := fold(s), slowFold(s); got != want {
				t.Errorf("fold(%q) is %q, the tables say %q", s, got, want)
			}
			if got, want := plain(s), slowPlain(s); got != want {
				t.Errorf("plain(%q) is %q, the tables say %q", s, got, want)
			}
			if isSpace(r) != unicode.IsSpace(r) {
				t.Errorf("%q is a space or is not", r)
			}
		}
	}
}

// oddTexts are texts of pieces that change what is beside them, the same each time.
func oddTexts(n int, pieces ...string) []string {
	rnd := rand.New(rand.NewPCG(6, 85))
	out := make([]string, n)
	for i := range out {
		for range 1 + rnd.IntN(7) {
			out[i] += pieces[rnd.IntN(len(pieces))]
		}
	}
	return out
}

// Texts that are seen to differ before their keys are made have other keys.
func TestPartedTextsHaveOtherKeys(t *testing.T) {
	texts := oddTexts(1500, "a", "e", "o", "\u0301", "é", " ", "  ", "1", "145", " 145", "œ", "oe", "’", "'", "\u00a0", "\u00ad", "-", "fi", "ﬁ", "º")
	parts := 0
	for _, x := range texts {
		for _, y := range texts {
			if parted(x, y) {
				if parts++; blockKey(x) == blockKey(y) {
					t.Fatalf("%q and %q are parted, but have one key", x, y)
				}
			}
		}
	}
	if parts < len(texts)*len(texts)/20 {
		t.Errorf("only %d pairs are parted", parts)
	}
}

// The marks of amendments are looked for at brackets only; everywhere would find
// the same.
func TestMarksOfAmendmentsStandAtBrackets(t *testing.T) {
	anywhere := regexp.MustCompile(strings.TrimPrefix(marking.String(), "^"))
	for _, s := range oddTexts(20_000, "[", "]", "[³ ", "]³", "[3 ", "]3", "...", "…", " ", "12", "1234", "mois", "é") {
		want := s
		if strings.ContainsAny(s, "[]") {
			want = strings.TrimSpace(anywhere.ReplaceAllString(s, ""))
		}
		if got := unmarked(s); got != want {
			t.Fatalf("unmarked(%q) is %q, not %q", s, got, want)
		}
	}
}

// A long text is shortened to the words that the whole of it begins with, though
// only as much as that is read.
func TestOnlyTheOpeningOfATextIsShown(t *testing.T) {
	for _, s := range oddTexts(5000, " ", "\n\t ", "à la demande", "de l’étranger", strings.Repeat("x", 88), "1", "\u00a0") {
		whole := strings.Join(strings.Fields(s), " ")
		want := whole
		if utf8.RuneCountInString(whole) > maxEvidence {
			want = string([]rune(whole)[:maxEvidence])
			if k := strings.LastIndexByte(want, ' '); k > 0 {
				want = want[:k]
			}
			want += " …"
		}
		if got := shorten(s); got != want {
			t.Fatalf("shorten(%q) is %q, not %q", s, got, want)
		}
	}
}
