package index

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"veille/archive"
)

// A passage is a block with its lifespan, as it is stored.
type passage struct {
	Page   archive.PageID    `json:"p"`
	Source string            `json:"s"`
	URL    string            `json:"u"`
	Lang   string            `json:"l"`
	Title  string            `json:"t,omitempty"`
	Kind   archive.Kind      `json:"k"`
	Role   archive.Role      `json:"r"`
	Path   []string          `json:"h,omitempty"`
	Text   string            `json:"x"`
	Since  archive.Seq       `json:"v"` // version that brought it
	Seen   archive.Interval  `json:"f"` // when Since came
	From   int64             `json:"b"` // ms; when it began to speak for its text
	Block  int               `json:"n"` // its number in the version that came at From
	Until  *archive.Interval `json:"e,omitempty"`
}

// textKey identifies a text of a page: of the blocks with the same key, one is
// a passage.
type textKey [16]byte

func keyOf(b *archive.Block) textKey {
	h := sha256.New()
	h.Write([]byte(b.Role))
	h.Write([]byte{0})
	h.Write([]byte(b.Text))
	return textKey(h.Sum(nil))
}

// passageID names the passage that a block is. It is the same for all equal
// blocks that have stood since the same version.
func passageID(page archive.PageID, b *archive.Block) string {
	k := keyOf(b)
	h := sha256.New()
	h.Write(k[:])
	for _, p := range b.Path {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return strconv.FormatInt(int64(page), 36) + "." + strconv.FormatInt(int64(b.Since), 36) + "." + hex.EncodeToString(h.Sum(nil)[:8])
}

// passages chooses, for each text of a version, the block that is its passage:
// the one that has stood longest, and of several the first by path, so that it
// changes only when that block goes. It returns the blocks' numbers by id.
func passages(v *archive.Version) map[string]int {
	best := make(map[textKey]int, len(v.Blocks))
	for i := range v.Blocks {
		b := &v.Blocks[i]
		if !searchable(b) {
			continue
		}
		k := keyOf(b)
		if j, ok := best[k]; !ok || before(b, &v.Blocks[j]) {
			best[k] = i
		}
	}
	ids := make(map[string]int, len(best))
	for _, i := range best {
		ids[passageID(v.Page, &v.Blocks[i])] = i
	}
	return ids
}

// before reports whether a rather than b is the passage of the text they share.
func before(a, b *archive.Block) bool {
	if a.Since != b.Since {
		return a.Since < b.Since
	}
	return strings.Join(a.Path, "\x00") < strings.Join(b.Path, "\x00")
}

// searchable leaves out blocks without a single letter or digit.
func searchable(b *archive.Block) bool { return len(exactWords(b.Text)) > 0 }

// fields is the passage as Bleve is to index it.
func (p *passage) fields(id string) (map[string]any, error) {
	stored, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("passage %s: %w", id, err)
	}
	stems, exact := texts(p.Lang, p.Text)
	f := map[string]any{
		fieldExact:  exact,
		fieldTitle:  strings.Join(exactWords(p.Title), " "),
		fieldPath:   strings.Join(exactWords(strings.Join(p.Path, " / ")), " "),
		fieldPage:   strconv.FormatInt(int64(p.Page), 10),
		fieldRow:    p.row(strings.Count(exact, " ")),
		fieldStored: string(stored),
	}
	if stems != "" {
		f[fieldBody+p.Lang] = stems
	}
	return f, nil
}
