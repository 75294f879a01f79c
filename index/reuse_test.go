package index

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

const formula = "Having regard to the Act of 15 December 1980 on entry, residence, settlement and removal of foreign nationals, and in particular Article 7 thereof"

// A formula that a thousand pages share is reported as common wording, and the
// two pages that share the rest are found in spite of it.
func TestReuseBesideAFormula(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	own := "a detainee may telephone a lawyer of his choice free of charge within two hours of arrival at the centre"
	const pages = 1000
	for i := range pages {
		words := fmt.Sprintf("number%d subject%d matter%d decided%d", i, i*7, i*11, i*13)
		publish(t, a, "be-office", "en", fmt.Sprintf("https://example.org/%d", i), day(i%50), formula+", "+words+".")
	}
	publish(t, a, "be-office", "en", "https://example.org/a", day(60), formula+", "+own+".")
	publish(t, a, "be-court", "en", "https://example.org/b", day(61), "The court notes that "+strings.Replace(own, "two hours", "four hours", 1)+".")
	syncIndex(t, x, a)
	page, err := a.Page(t.Context(), "https://example.org/a")
	if err != nil {
		t.Fatal(err)
	}
	text := formula + ", " + own + "."
	got, err := x.Reuse(t.Context(), text, page.ID, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Common) != 1 || got.Common[0].Pages != pages || got.AllCommon {
		t.Errorf("common wording: %+v", got.Common)
	} else if c := text[got.Common[0].Start:got.Common[0].End]; len(c) < len(formula)*3/4 || !got.Common[0].FirstSeen.By.Equal(day(0)) {
		t.Errorf("%q is common, since %v", c, got.Common[0].FirstSeen)
	}
	if len(got.Passages) != 1 || got.Passages[0].URL != "https://example.org/b" {
		t.Errorf("%d passages: %+v", len(got.Passages), got.Passages)
	}
	// Of the formula alone the first pages that had it are named, and no more.
	got, err = x.Reuse(t.Context(), formula, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	if !got.AllCommon || len(got.Passages) != firstCommon || !got.Passages[0].FirstSeen.By.Equal(day(0)) {
		t.Errorf("all common %v, %d passages", got.AllCommon, len(got.Passages))
	}
}

func TestReuse(t *testing.T) {
	a := openArchive(t)
	x := openIndex(t, filepath.Join(t.TempDir(), "index"))
	rule := "The person shall leave the territory within thirty days of the notification of the decision."
	publish(t, a, "be-office", "en", "https://example.org/law", day(0), "# Return\n"+rule)
	publish(t, a, "be-court", "en", "https://example.org/note", day(1), "As the law has it, the person shall leave the territory within thirty days of the notification.\nNothing else is of note.")
	publish(t, a, "be-court", "en", "https://example.org/note", day(2), "Nothing else is of note.")
	publish(t, a, "be-court", "en", "https://example.org/other", day(3), "Thirty persons left the building within days of the decision that nobody notified.")
	syncIndex(t, x, a)
	got, err := x.Reuse(t.Context(), rule, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Passages) != 1 || got.Passages[0].URL != "https://example.org/note" || got.Passages[0].Gone == nil || len(got.Common) != 0 {
		t.Errorf("got %+v", got)
	}
	if _, err := x.Reuse(t.Context(), "Only seven words stand in this one", 0, false); !errors.Is(err, ErrShort) {
		t.Errorf("a short text: %v", err)
	}
	if got, err := x.Reuse(t.Context(), strings.Repeat("zyx wvu tsr qpo nml ", 500), 0, false); err != nil || len(got.Passages) != 0 || got.Searched != 0 {
		t.Errorf("words that are nowhere: %+v, %v", got, err)
	}
}
