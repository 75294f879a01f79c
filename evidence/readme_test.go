package evidence

import (
	"strings"
	"testing"
	"time"
)

// TestTitlesAreInert: a page calls itself what it likes, and no viewer of a
// README makes a link, a picture, HTML or a cell of it.
func TestTitlesAreInert(t *testing.T) {
	evil := "Return** [proven by the court](https://evil.example) ![](https://evil.example/x) <img src=x onerror=alert(1)> | `x`\n# Verdict"
	escaped := "Return\\*\\* \\[proven by the court\\](https://evil.example) !\\[\\](https://evil.example/x) \\<img src=x onerror=alert(1)\\> \\| \\`x\\` # Verdict"
	bundle := string(readme(&Claim{Kind: KindWording, URL: "https://example.org/", Title: evil, Checks: 1}))
	var x packer
	x.Exporter, x.rep, x.cover, x.set = &Exporter{Archive: open(t)}, &Exported{}, newCoverage(), &Set{Title: evil, Asked: evil}
	x.cover.gaps, x.cover.count = []gap{{URL: evil, From: t0, Until: t0.Add(time.Hour), Failed: 1, Reason: evil}}, 1
	pkg := string(x.readme())
	for name, text := range map[string]string{"bundle": bundle, "package": pkg} {
		if !strings.Contains(text, escaped) || strings.Contains(text, " <img") || strings.Contains(text, " [proven") || strings.Contains(text, "\n# Verdict") {
			t.Errorf("the README of a %s says\n%s", name, text)
		}
	}
	if n := strings.Count(pkg, escaped); n != 4 {
		t.Errorf("the package's README has it %d times, want 4", n)
	}
}
