package archive

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"veille/archive/warc"
	"veille/cite"
)

// savedVersion is a version as its conversion record holds it.
type savedVersion struct {
	Version     Seq          `json:"version"`
	Capture     Seq          `json:"capture"`
	Cause       Cause        `json:"cause"`
	Gone        bool         `json:"gone,omitempty"`
	Title       string       `json:"title"`
	Lang        string       `json:"lang"`
	PublishedOn string       `json:"published_on,omitempty"`
	UpdatedOn   string       `json:"updated_on,omitempty"`
	InForceOn   string       `json:"in_force_on,omitempty"`
	MovedTo     string       `json:"moved_to,omitempty"`
	MovedFrom   string       `json:"moved_from,omitempty"`
	Strategy    string       `json:"strategy"`
	Blocks      []savedBlock `json:"blocks"`
}

type savedBlock struct {
	Kind   Kind     `json:"kind"`
	Role   Role     `json:"role"`
	Level  int      `json:"level,omitempty"`
	Marker string   `json:"marker,omitempty"`
	Path   []string `json:"path,omitempty"`
	Text   string   `json:"text"`
	// Cites are the normal spellings of the acts and judgments that the text
	// cites, for whoever reads the file without this program. We find them
	// again in the text, with the rules of the day, and never read them here.
	Cites []string `json:"cites,omitempty"`
	// Refs are those that only its links name.
	Refs []string `json:"refs,omitempty"`
}

// savedReadings is the metadata record that closes a group of readings.
type savedReadings struct {
	Upto     Seq            `json:"upto"`
	Readings []savedReading `json:"readings"`
}

type savedReading struct {
	Capture Seq    `json:"capture"`
	Class   Class  `json:"class"`
	Reason  string `json:"reason,omitempty"`
	Version Seq    `json:"version,omitempty"` // the version it brought, if any
	Shows   Seq    `json:"shows,omitempty"`   // the version whose text it shows, if it brought none
}

func versionRecord(v *Version, captureRecord string) (*warc.Record, error) {
	s := savedVersion{v.ID, v.Capture, v.Cause, v.Gone, v.Title, v.Lang, v.PublishedOn, v.UpdatedOn,
		v.InForceOn, v.MovedTo, v.MovedFrom, v.Strategy, make([]savedBlock, len(v.Blocks))}
	for i, b := range v.Blocks {
		s.Blocks[i] = savedBlock{b.Kind, b.Role, b.Level, b.Marker, b.Path, b.Text, cited(b.Text), b.Refs}
	}
	block, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("version %d: %w", v.ID, err)
	}
	r := warc.New(warc.TypeConversion, v.Time, typeVersion, block)
	r.Set("WARC-Target-URI", v.URL)
	r.Set("WARC-Refers-To", "<"+captureRecord+">")
	r.Set("Veille-Source", v.Source)
	r.Set("Veille-Page-ID", strconv.FormatInt(int64(v.Page), 10))
	r.Set("Veille-Entry", strconv.Itoa(entryForm))
	r.Set("Veille-Leaf", strconv.FormatInt(v.Leaf, 10))
	return r, nil
}

// cited are the IDs of what a text cites, each once.
func cited(text string) []string {
	var ids []string
	for _, c := range cite.Find(text) {
		if !slices.Contains(ids, c.ID) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func parseVersion(r *warc.Record) (*Version, error) {
	var s savedVersion
	if err := json.Unmarshal(r.Block, &s); err != nil {
		return nil, fmt.Errorf("conversion record: %w", err)
	}
	v := &Version{ID: s.Version, Capture: s.Capture, Cause: s.Cause, Gone: s.Gone, Title: s.Title, Lang: s.Lang,
		PublishedOn: s.PublishedOn, UpdatedOn: s.UpdatedOn, InForceOn: s.InForceOn, MovedTo: s.MovedTo, MovedFrom: s.MovedFrom, Strategy: s.Strategy, Blocks: make([]Block, len(s.Blocks))}
	for i, b := range s.Blocks {
		v.Blocks[i] = Block{Kind: b.Kind, Role: b.Role, Level: b.Level, Marker: b.Marker, Path: b.Path, Text: b.Text, Refs: b.Refs}
	}
	return v, nil
}
