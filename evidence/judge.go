package evidence

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"veille/archive"
	"veille/extract"
	"veille/source"
)

// What Check finds out beyond digests: whether the wording is in the bytes,
// what the time-stamps say, and whether all that a reader is shown is what
// follows from the records.

// A reading is what this program finds in a capture.
type reading struct {
	all  string // every block's text, one a line
	main string // of the main text
}

// readings reads the bytes again, as the archive did, and counts how the looks
// that found the wording are known to have found it.
func (c *checker) readings(ctx context.Context) error {
	if c.version == nil || c.version.Gone {
		c.v.SameBytes = c.v.Claim.Checks // the status is in the entry
		return nil
	}
	first := c.holder(c.version.Capture)
	need := map[archive.Seq]*reading{first: nil}
	for _, l := range c.v.Claim.Looks {
		if l.Found == LookShows || l.Found == LookOther {
			need[c.holder(l.Capture)] = nil
		}
	}
	if err := c.readAll(ctx, need); err != nil {
		return err
	}
	c.v.Reading = holds(need[first], c.version)
	for _, l := range c.v.Claim.Looks {
		h := c.holder(l.Capture)
		switch {
		case l.Found == LookOther && need[h] != nil && need[first] != nil && need[h].main == need[first].main:
			if before := l.Time.Before(c.v.Claim.First); before && !c.v.Claim.SameBefore || !before && !c.v.Claim.SameAfter {
				c.v.Notes = append(c.v.Notes, fmt.Sprintf("The look of %s is said to have found something else; this program reads the same main text in its bytes.", stamp(l.Time)))
			}
		case l.Found != LookShows:
		case l.Status == 304:
			c.v.NotModified++
		case h == first || c.entries[h].Payload == c.entries[first].Payload:
			c.v.SameBytes++
		case holds(need[h], c.version):
			c.v.ReadAgain++
		case c.v.Reading && need[h] != nil:
			return fmt.Errorf("look %d is said to have found the wording; this program does not find it in its bytes, as it does in those of look %d", l.Capture, first)
		default:
			c.v.Asserted++
		}
	}
	return nil
}

// readAll reads the captures that are needed; what cannot be read stays nil.
func (c *checker) readAll(ctx context.Context, need map[archive.Seq]*reading) error {
	for e, err := range archive.Entries(io.NewSectionReader(c.data, 0, c.data.Size)) {
		if err != nil {
			return err
		}
		if _, ok := need[e.Seq]; !ok || e.Version != nil || e.Body == nil {
			continue
		}
		t, err := extract.ReadAs(ctx, &archive.Capture{Source: e.Source, URL: e.URL, FinalURL: e.FinalURL, Lang: c.version.Lang, Time: e.Time, Status: e.Status,
			Header: e.Header, Body: e.Body, Seq: e.Seq}, &source.List{}, c.version.Strategy)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || t.Version == nil {
			continue
		}
		need[e.Seq] = &reading{words(t.Version.Blocks, ""), words(t.Version.Blocks, archive.Main)}
	}
	return nil
}

// words are the texts of blocks, one a line; role "" takes all.
func words(blocks []archive.Block, role archive.Role) string {
	var b strings.Builder
	for i := range blocks {
		if role == "" || blocks[i].Role == role {
			b.WriteString(strings.Join(strings.Fields(blocks[i].Text), " ") + "\n")
		}
	}
	return b.String()
}

// holds reports whether a reading has the wording of a version: each block of
// its main text, in order. Which of a page's blocks are its main text is a
// question of taste; that they are there is not.
func holds(r *reading, v *archive.Version) bool {
	if r == nil {
		return false
	}
	rest := "\n" + r.all
	for line := range strings.Lines(words(v.Blocks, archive.Main)) {
		i := strings.Index(rest, "\n"+line)
		if i < 0 {
			return false
		}
		rest = rest[i+len(line):]
	}
	return true
}

// stamps checks the time-stamps, and what they say against the looks' times.
func (c *checker) stamps() error {
	s := c.v.Claim
	if s.Stamps < 0 || s.Stamps > 2 {
		return fmt.Errorf("statement.json speaks of %d time-stamps", s.Stamps)
	}
	for i := range s.Stamps {
		name := fmt.Sprintf("proofs/stamp-%d", i+1)
		v, err := c.stamp(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.v.Stamps = append(c.v.Stamps, v)
	}
	return nil
}

func (c *checker) stamp(name string) (v StampVerdict, err error) {
	var parts [4][]byte
	for i, ext := range stampFiles {
		if parts[i], err = c.file(name + ext); err != nil {
			return v, err
		}
	}
	old, err := archive.ParseCheckpoint(parts[0], c.v.Key)
	if err != nil {
		return v, err
	}
	hashes, err := parseHashes(parts[3])
	if err != nil {
		return v, err
	}
	if old.Size > c.root.Size || old.Size < 1 {
		return v, fmt.Errorf("it is of a log of %d entries", old.Size)
	}
	if err := tlog.CheckTree(hashes, c.root.Size, c.root.Root, old.Size, old.Root); err != nil {
		return v, fmt.Errorf("the log does not begin with the one that was stamped: %w", err)
	}
	v.LogSize, v.Trusted = old.Size, c.roots != nil
	if v.Time, err = checkStamp(&archive.Stamp{Checkpoint: parts[0], Request: parts[1], Response: parts[2]}, c.roots); err != nil {
		return v, err
	}
	for _, l := range c.v.Claim.Looks {
		if c.leaves[l.Capture] >= old.Size {
			continue
		}
		if l.Time.After(v.Time.Add(clockSkew)) {
			return v, fmt.Errorf("look %d says that it was made on %s, and was in the log when it was stamped on %s", l.Capture, stamp(l.Time), stamp(v.Time))
		}
		if l.Found == LookShows {
			v.Looks++
		}
	}
	return v, nil
}

// clockSkew is by how much our clock may be ahead of an authority's.
const clockSkew = 10 * time.Minute

// papers checks that all that a reader is shown follows from the records.
func (c *checker) papers() error {
	s := c.v.Claim
	c.v.Text = text(c.version)
	slices.Sort(c.index)
	for _, f := range []struct {
		name string
		want []byte
	}{{"about/text.txt", []byte(c.v.Text)}, {"proofs/entries.txt", c.texts.Bytes()}, {"indexes/index.cdx", []byte(strings.Join(append(c.index, ""), "\n"))}} {
		got, err := c.file(f.name)
		if err != nil {
			return err
		}
		if !bytes.Equal(got, f.want) {
			return fmt.Errorf("%s is not what follows from the records", f.name)
		}
	}
	if err := c.zip.About(meta(s), start(s, c.v.Text)); err != nil {
		return err
	}
	got, err := c.file("about/README.md")
	if err != nil {
		return err
	}
	if !bytes.Equal(got, readme(s)) {
		c.v.Notes = append(c.v.Notes, "README.md is not what this version of Veille writes about these records: it may have been edited. Go by what is said here.")
	}
	c.files = append(c.files, dataName, "pages/pages.jsonl", "datapackage.json", "datapackage-digest.json")
	for _, name := range c.zip.Files() {
		if !slices.Contains(c.files, name) {
			return fmt.Errorf("it holds a file that does not belong in a bundle: %.80q", name)
		}
	}
	return nil
}

// note says what a careful reader should know.
func (c *checker) note() {
	s := c.v.Claim
	add := func(form string, args ...any) { c.v.Notes = append(c.v.Notes, fmt.Sprintf(form, args...)) }
	if s.Kind == KindWording && !c.v.Reading {
		add("This program does not find the wording in the page's bytes as the archive did (settings of the source, or another version of the program): that it is the page's wording is the archive's word; look at the page in the bundle.")
	}
	if s.Kind == KindAnswer && s.Status == 200 {
		add("That what the server sent with the status 200 is no page is the archive's reading; the bytes are in the bundle.")
	}
	if c.v.Asserted > 0 {
		add("Looks with other bytes, in which this program does not find the same wording: %d. That they showed it is the archive's word.", c.v.Asserted)
	}
	if s.Failed > 0 {
		add("Looks in between that brought no page (blocked, an error, no answer): %d. They are in the bundle.", s.Failed)
	}
	if !s.Complete {
		add("Looks of the page may have been left out: those in the bundle do not follow on each other.")
	}
	if s.SameBefore {
		add("The look before was another only outside the main text: the wording was there already.")
	}
	if s.SameAfter {
		add("The look after was another only outside the main text: the wording was there still.")
	}
	if s.ReadAnew {
		add("The page had the same bytes before, which the archive read in another way; the wording may be older.")
	}
	if n := s.Added(); n > 0 {
		add("Looks that are pages somebody saved and added by hand: %d. Their date and content are that person's word.", n)
	}
	if n := s.Imported(); n > 0 {
		add("Looks that come from other crawlers: %d. Their date and content are those crawlers' word.", n)
	}
	for _, l := range s.OthersEnds() {
		add("The look of %s, which found something else, is not the archive's own (%s): what was there then is the word of whoever made it.", stamp(l.Time), l.Origin)
	}
	if n := c.backdated(); n > 0 {
		add("Looks of the archive's own that came into the log after looks of a later time: %d. A clock was set, or they were dated afterwards.", n)
	}
	if s.Until == nil {
		add("The bundle says nothing of the time after %s.", stamp(s.Last))
	}
	if len(c.v.Stamps) == 0 {
		add("No time-stamp authority has seen the log: that the times are true, and that the log was not made up later, rests on the word of whoever keeps it, and on those who hold an older checkpoint.")
	}
}

// backdated counts the archive's own looks that stand in the log behind one of
// a later time. Those that others made come when they come.
func (c *checker) backdated() (n int) {
	first := c.root.Size
	for _, l := range slices.Backward(c.v.Claim.Looks) { // in the order of their time
		if l.Origin != archive.Crawled {
			continue
		}
		if c.leaves[l.Capture] > first {
			n++
		}
		first = min(first, c.leaves[l.Capture])
	}
	return n
}
