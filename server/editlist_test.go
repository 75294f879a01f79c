package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"veille/archive"
	"veille/diff"
)

// edited is a change with so many edits.
func edited(n int) *ChangeDocument {
	doc := &ChangeDocument{ID: "1..2", Topics: []string{}, Senses: []string{}, Summary: "\n  \"edits\": [", Edits: []diff.Edit{}}
	for i := range n {
		doc.Edits = append(doc.Edits, diff.Edit{Op: diff.Insert, Path: []string{"Art. <1>"}, After: fmt.Sprint("“é” & ", i), Role: archive.Main, Senses: []diff.Sense{},
			Words: []diff.Word{{Op: diff.Inserted, Text: fmt.Sprint("“é” & ", i)}}})
	}
	return doc
}

// A large change is written to the byte as a small one is.
func TestManyEditsAreWrittenTheSame(t *testing.T) {
	for _, n := range []int{1, 2, 700} {
		doc := edited(n)
		var whole, pieces bytes.Buffer
		enc := json.NewEncoder(&whole)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(doc); err != nil {
			t.Fatal(err)
		}
		if err := doc.writeEdits(&pieces); err != nil {
			t.Fatal(err)
		}
		if whole.String() != pieces.String() {
			t.Errorf("%d edits: %d bytes in pieces, %d as a whole", n, pieces.Len(), whole.Len())
		}
		whole.Reset()
		if err := Write(&whole, doc); err != nil || whole.String() != pieces.String() {
			t.Errorf("%d edits: written another way: %v", n, err)
		}
	}
}

// largest remembers the most that was written at once.
type largest int

func (l *largest) Write(b []byte) (int, error) {
	*l = max(*l, largest(len(b)))
	return len(b), nil
}

// The text of a large change is never in memory as a whole.
func TestManyEditsAreWrittenInPieces(t *testing.T) {
	var most largest
	if err := Write(&most, edited(5000)); err != nil {
		t.Fatal(err)
	}
	if most > 100<<10 {
		t.Errorf("%d bytes were written at once", most)
	}
}

// A part of the edits is given to who asks for one, with how many there are.
func TestPartOfAChange(t *testing.T) {
	w := newWorld(t)
	w.live()
	get := func(path string) (doc ChangeDocument) {
		t.Helper()
		if err := json.Unmarshal([]byte(w.want(path, http.StatusOK)), &doc); err != nil {
			t.Fatal(err)
		}
		return doc
	}
	w.publish(w.at+"/en/part", leave+"\n"+appeal+"\n"+costs, ten+"\n"+appeal+"\n"+noise)
	v := get("/api/v1/diff?url=" + w.at + "/en/part")
	if len(v.Edits) < 2 || v.EditsTotal != nil {
		t.Fatalf("%d edits, of %v", len(v.Edits), v.EditsTotal)
	}
	for _, path := range []string{"/api/v1/changes/" + v.ID + "?", "/api/v1/diff?url=" + w.at + "/en/part&"} {
		var got []diff.Edit
		for offset := range len(v.Edits) + 1 {
			part := get(fmt.Sprintf("%slimit=1&offset=%d", path, offset))
			if part.EditsTotal == nil || *part.EditsTotal != len(v.Edits) || part.Weight != v.Weight || part.Hidden != v.Hidden {
				t.Errorf("%s: after %d it says another whole", path, offset)
			}
			got = append(got, part.Edits...)
		}
		if fmt.Sprint(got) != fmt.Sprint(v.Edits) {
			t.Errorf("%s: the parts are\n%v\nwant\n%v", path, got, v.Edits)
		}
		if rest := get(path + "offset=1").Edits; len(rest) != len(v.Edits)-1 {
			t.Errorf("%s: %d edits after the first", path, len(rest))
		}
		w.want(path+"limit=-1", http.StatusUnprocessableEntity)
	}
}

func BenchmarkWriteManyEdits(b *testing.B) {
	doc := edited(100_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, doc); err != nil {
			b.Fatal(err)
		}
	}
}
