package diff

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// edition is raised when the code, rather than the rules, gives other senses or
// weights than before.
const edition = 5

// Stamp changes whenever [Between] may give other senses or weights, so that
// whoever has kept some knows to compute them again.
func Stamp() string {
	h := sha256.New()
	h.Write([]byte{edition})
	for _, lang := range languages {
		data, err := ruleFiles.ReadFile("rules/" + lang + ".yaml")
		if err != nil {
			continue // the files are part of the program; without rules there is nothing to stamp
		}
		h.Write(data)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Senses are the codes that the senses of an edit may have, in order.
func Senses() []string {
	codes := make([]string, 0, len(weightOf))
	for code := range weightOf {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}
