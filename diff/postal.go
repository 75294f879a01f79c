package diff

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"veille/archive"
)

// Postal addresses: their figures are no amounts, and their lines no news. An
// address is a run of names, figures and the small words between them, in which
// a house number stands by a street, or a postcode. Pages name streets in
// languages of their own, so those of all languages are looked for.

const (
	addressReach  = 16 // tokens that a run is followed for, on each side
	addressTokens = 40 // and that a whole address may have
	addressLine   = 8  // tokens of a line of an address
	addressLines  = 8  // lines that are looked at, on each side
)

// postcode finds codes that are told from other figures by their form.
var postcode = regexp.MustCompile(`\b(?:[A-Z]\d[\dW] ?[A-Z\d]{4}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[1-9]\d{3} [A-Z]{2}|(?:B|D|F|L|A|CH)-\d{4,5}|\d{5} [A-ZÀ-Ý]\pL{2,})(?:$|[\s,.;)])`)

// betweenNames are the small words inside names of places.
var betweenNames = map[string]bool{"de": true, "du": true, "des": true, "la": true, "le": true, "les": true, "d'": true, "l'": true, "van": true, "der": true,
	"den": true, "het": true, "am": true, "an": true, "im": true, "of": true, "the": true, "bis": true, "ter": true, "bte": true, "boite": true, "bus": true, "box": true}

// addressToken reports whether a token can be part of an address.
func addressToken(t *token, low string) bool {
	switch t.kind {
	case number, reference, address:
		return true
	case mark:
		return strings.Trim(t.text, ",.#-–/()\"“”«»") == ""
	}
	r, _ := utf8.DecodeRuneInString(t.text)
	return unicode.IsUpper(r) || betweenNames[low] || lowerStreets()[low]
}

// addressRun is the run of address tokens around token i.
func addressRun(toks []token, low []string, i, lo, hi int) (from, to int) {
	from, to = i, i+1
	for from > lo && i-from < addressReach && addressToken(&toks[from-1], low[from-1]) {
		from--
	}
	for to < hi && to-i < addressReach && addressToken(&toks[to], low[to]) {
		to++
	}
	return from, to
}

// street reports whether among the tokens from..to a street stands by its number.
func street(toks []token, low []string, from, to int) bool {
	for i := from; i < to; i++ {
		if toks[i].kind != word {
			continue
		}
		r, _ := utf8.DecodeRuneInString(toks[i].text)
		capital := unicode.IsUpper(r)
		for _, lang := range languages {
			in := rulesFor(lang).streets
			switch lang {
			case "en": // 12 Long Street, Long Boulevard #12
				if capital && in[low[i]] && houseNumber(toks, max(from, i-4), min(to, i+4)) {
					return true
				}
			case "fr": // 12, rue Longue
				if in[low[i]] && houseNumber(toks, max(from, i-3), i) {
					return true
				}
			default: // Langestraat 12
				if capital && i+1 < to && (toks[i+1].kind == number || toks[i+1].kind == reference) && endsIn(in, low[i]) {
					return true
				}
			}
		}
	}
	return false
}

// houseNumber reports whether a number stands among the tokens from..to.
func houseNumber(toks []token, from, to int) bool {
	for i := from; i < to; i++ {
		if toks[i].kind == number || toks[i].kind == reference {
			return true
		}
	}
	return false
}

// endsIn reports whether a word is one of a list or a compound that ends in one.
func endsIn(list map[string]bool, w string) bool {
	if list[w] {
		return true
	}
	for s := range list {
		if len(s) >= 3 && len(w) >= len(s)+4 && strings.HasSuffix(w, s) {
			return true
		}
	}
	return false
}

// lowerStreets are the words for streets that are written small.
func lowerStreets() map[string]bool { return rulesFor("fr").streets }

// inAddress reports whether token i of a sentence lo..hi lies in a postal address.
func inAddress(toks []token, low []string, i, lo, hi int) bool {
	from, to := addressRun(toks, low, i, lo, hi)
	return to-from >= 3 && street(toks, low, from, to)
}

// postal reports whether a text is nothing but a postal address, or a line with
// a street or a postcode; an empty text passes.
func postal(toks []token, low []string) bool {
	if len(toks) == 0 {
		return true
	}
	if len(toks) > addressTokens {
		return false
	}
	for i := range toks {
		if !addressToken(&toks[i], low[i]) {
			return false
		}
	}
	if street(toks, low, 0, len(toks)) {
		return true
	}
	text := fold(rawText(toks))
	return strings.ContainsFunc(text, unicode.IsUpper) && postcode.MatchString(text) // every form has a capital
}

// An addressBlocks tells the lines of addresses among the blocks of a version:
// each block is read once, when it is first asked for.
type addressBlocks struct {
	blocks []archive.Block
	read   []addressKind
}

// An addressKind is what a block is, taken for a line of an address.
type addressKind uint8

const (
	unread    addressKind = iota
	noAddress             // a sentence, a heading, nothing
	nameLine              // a few names and figures: a line of an address if its neighbours are
	wholeLine             // with a street or postcode
)

// holds reports whether a block is a line of an address that is written one line
// a block: a few names and figures, with a street or postcode in it or among the
// lines of that kind around it.
func (a *addressBlocks) holds(i int) bool {
	for _, step := range []int{1, -1} {
		for k, n := i, 0; n < addressLines; k, n = k+step, n+1 {
			kind := a.kind(k)
			if kind == wholeLine {
				return true
			}
			if kind == noAddress {
				break
			}
		}
	}
	return false
}

// kind reads a block, unless it was read before.
func (a *addressBlocks) kind(k int) addressKind {
	if k < 0 || k >= len(a.blocks) {
		return noAddress
	}
	if a.read == nil {
		a.read = make([]addressKind, len(a.blocks))
	}
	if a.read[k] == unread {
		a.read[k] = addressKindOf(&a.blocks[k])
	}
	return a.read[k]
}

func addressKindOf(b *archive.Block) addressKind {
	if b.Kind == archive.Heading || len(b.Text) > bareBytes {
		return noAddress
	}
	toks := tokenise(b.Text)
	if len(toks) == 0 || len(toks) > addressLine {
		return noAddress
	}
	low := lows(toks)
	for n := range toks {
		if !addressToken(&toks[n], low[n]) {
			return noAddress
		}
	}
	if postal(toks, low) {
		return wholeLine
	}
	return nameLine
}
