package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"veille/archive"
	"veille/evidence"
	"veille/server"
)

type exportCmd struct {
	WACZ   exportWACZCmd   `cmd:"" name:"wacz" help:"Captures as a package (WACZ) that opens in ReplayWeb.page and pywb."`
	CDXJ   exportCDXJCmd   `cmd:"" name:"cdxj" help:"An index of the archive's WARC files (CDXJ), with which other tools replay from them."`
	CSV    exportCSVCmd    `cmd:"" name:"csv" help:"A table of versions, changes, passages that a search finds, or a phrase's concordance, for spreadsheets."`
	JSONL  exportJSONLCmd  `cmd:"" name:"jsonl" help:"The same, one JSON object a line."`
	TEI    exportTEICmd    `cmd:"" name:"tei" help:"The wordings of a page as a critical edition (TEI P5, parallel segmentation)."`
	Corpus exportCorpusCmd `cmd:"" name:"corpus" help:"What a search or a trace finds as a frozen corpus: captures, tables, README and digests."`
}

// outFlags say where an export goes.
type outFlags struct {
	Out   string `short:"o" placeholder:"FILE" help:"Where to write; - is standard output."`
	Force bool   `help:"Replace the file if there is one."`
}

type exportWACZCmd struct {
	What    string   `arg:"" optional:"" name:"url|change" help:"Address of a page; or a change, such as 17..18."`
	At      string   `placeholder:"TIME" help:"Of a page, only the capture that shows what it said then."`
	Version string   `placeholder:"N" help:"Only the captures that show this version (the N of /v/N)."`
	From    string   `placeholder:"TIME" help:"Only captures made at this time or later."`
	Until   string   `placeholder:"TIME" help:"Only captures made at this time or earlier."`
	Source  string   `placeholder:"ID" help:"All captures of this source."`
	Search  string   `placeholder:"QUERY" help:"All captures that show what a search finds; see docs/query.md."`
	AsOf    string   `name:"as-of" placeholder:"TIME" help:"With --search: what stood at this time."`
	Past    bool     `help:"With --search: also what no longer stands."`
	Lang    []string `placeholder:"LANG" help:"With --search: only texts in this language."`
	Topic   []string `placeholder:"ID" help:"With --search: only sources about this topic."`
	All     bool     `help:"Everything."`
	JSON    bool     `help:"Print one JSON document."`
	outFlags
}

// Run writes the package.
func (c *exportWACZCmd) Run(ctx context.Context, a *app) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	if c.Out == "" {
		c.Out = "export.wacz"
	}
	if c.JSON && c.Out == "-" {
		return errors.New("--json and -o -: only one of them can have standard output")
	}
	var rep *evidence.Exported // nil where an instance makes it
	err = a.write(c.outFlags, func(w io.Writer) error {
		return a.export(ctx, w, "/export/archive.wacz", q, func(x *server.Exports) error {
			rep, err = x.WACZ(ctx, w, q)
			return err
		})
	})
	if err != nil {
		return err
	}
	return a.packed(c.Out, c.JSON, rep)
}

// query is what is asked for, as the routes of an instance take it.
func (c *exportWACZCmd) query() (url.Values, error) {
	q := url.Values{}
	var named []string
	name := func(flag, key, value string) {
		if value != "" {
			named = append(named, flag)
			q.Set(key, value)
		}
	}
	if strings.Contains(c.What, "://") {
		name("an address", "url", c.What)
	} else {
		name("a change", "change", c.What)
	}
	name("--version", "version", c.Version)
	name("--source", "source", c.Source)
	name("--search", "q", c.Search)
	if c.All {
		name("--all", "all", "1")
	}
	if c.Version != "" && q.Has("url") {
		named = named[1:]
	}
	switch {
	case len(named) == 0:
		return nil, errors.New("say what to export: an address, a change such as 17..18, --version N, --source ID, --search QUERY, or --all")
	case len(named) > 1:
		return nil, fmt.Errorf("%s: export one thing at a time", strings.Join(named, " and "))
	case c.At != "" && !q.Has("url"):
		return nil, errors.New("--at: give the address of a page too")
	case c.Search == "" && (c.AsOf != "" || c.Past || len(c.Lang)+len(c.Topic) > 0):
		return nil, errors.New("--as-of, --past, --lang and --topic belong to --search")
	}
	set(q, "at", c.At)
	set(q, "from", c.From)
	set(q, "until", c.Until)
	set(q, "as_of", c.AsOf)
	if c.Past {
		q.Set("past", "1")
	}
	q["lang"], q["topic"] = c.Lang, c.Topic
	return q, checkTimes(map[string]string{"--at": c.At, "--from": c.From, "--until": c.Until, "--as-of": c.AsOf})
}

// checkTimes finds a flag whose time cannot be read, before anything is opened.
func checkTimes(flags map[string]string) error {
	for flag, text := range flags {
		if _, err := server.ParseTime(flag, text, false); text != "" && err != nil {
			return err
		}
	}
	return nil
}

type exportCDXJCmd struct{ outFlags }

// Run writes the index.
func (c *exportCDXJCmd) Run(ctx context.Context, a *app) error {
	var damaged []string
	err := a.write(c.outFlags, func(w io.Writer) error {
		return a.export(ctx, w, "/export/archive.cdxj", nil, func(x *server.Exports) (err error) {
			_, damaged, err = x.Exporter().CDXJ(ctx, w)
			return err
		})
	})
	return errors.Join(err, a.damaged(damaged))
}

// tableFlags choose the rows of a table.
type tableFlags struct {
	What      string   `arg:"" enum:"versions,changes,passages,concordance,blame" help:"versions, changes, passages (what a search finds), concordance (where a phrase ever stood) or blame (the words of a page with the versions that brought them)."`
	Search    string   `placeholder:"QUERY" help:"Of passages, what to look for; see docs/query.md."`
	Trace     string   `placeholder:"PHRASE" help:"Of a concordance, what to trace."`
	AsOf      string   `name:"as-of" placeholder:"TIME" help:"Of passages, those that stood at this time."`
	Past      bool     `help:"Of passages, also those that no longer stand."`
	URL       string   `placeholder:"URL" help:"Only this page."`
	At        string   `placeholder:"TIME" help:"Of blame, the wording that stood then. Now, if it is not given."`
	Source    []string `placeholder:"ID" help:"Only this source."`
	Topic     []string `placeholder:"ID" help:"Only sources about this topic."`
	Lang      string   `placeholder:"LANG" help:"Only texts in this language."`
	Since     string   `placeholder:"TIME" help:"Only what was first seen at this time or later."`
	Until     string   `placeholder:"TIME" help:"Only what was first seen at this time or earlier."`
	Sense     []string `placeholder:"CODE" help:"Of changes, only edits in this sense, such as deadline."`
	MinWeight int      `name:"min-weight" default:"2" help:"Of changes, the least weight of an edit, 0 to 5; 0 takes housekeeping too."`
	BaseURL   string   `name:"base-url" env:"VEILLE_BASE_URL" placeholder:"URL" help:"Public address of the site, for permanent links."`
	outFlags
}

type exportCSVCmd struct {
	tableFlags
	Raw bool `help:"Leave cells that a spreadsheet would take for formulas as they are."`
	excelFlag
}

// excelFlag says that CSV is to be opened in a spreadsheet.
type excelFlag struct {
	Excel string `enum:"comma,semicolon," default:"" help:"CSV that spreadsheets open by a double click, with the mark of UTF-8: comma, or semicolon where numbers are written with a comma."`
}

// csv is the format that is asked for.
func (f *excelFlag) csv() evidence.Format {
	switch f.Excel {
	case "comma":
		return evidence.ExcelCSV
	case "semicolon":
		return evidence.ExcelSemicolonCSV
	}
	return evidence.CSV
}

// Run writes the table.
func (c *exportCSVCmd) Run(ctx context.Context, a *app) error {
	if c.Raw && c.Excel != "" {
		return errors.New("--raw is for programs, --excel for spreadsheets: leave out one of them")
	}
	if c.Raw {
		return c.run(ctx, a, evidence.RawCSV)
	}
	return c.run(ctx, a, c.csv())
}

type exportJSONLCmd struct{ tableFlags }

// Run writes the table.
func (c *exportJSONLCmd) Run(ctx context.Context, a *app) error { return c.run(ctx, a, evidence.JSONL) }

func (c *tableFlags) run(ctx context.Context, a *app, f evidence.Format) error {
	if c.MinWeight < 0 || c.MinWeight > 5 {
		return fmt.Errorf("--min-weight: %d is no weight; use 0 to 5", c.MinWeight)
	}
	q, err := c.query()
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/export/%s.csv", c.What)
	switch f {
	case evidence.JSONL:
		path = fmt.Sprintf("/export/%s.jsonl", c.What)
	case evidence.RawCSV:
		q.Set("raw", "1")
	case evidence.ExcelCSV:
		q.Set("excel", "comma")
	case evidence.ExcelSemicolonCSV:
		q.Set("excel", "semicolon")
	}
	return a.write(c.outFlags, func(w io.Writer) error {
		return a.export(ctx, w, path, q, func(x *server.Exports) error {
			x.BaseURL = strings.TrimRight(c.BaseURL, "/")
			return x.Table(ctx, w, c.What, f, q)
		})
	})
}

// query is what is asked for, as the routes of an instance take it.
func (c *tableFlags) query() (url.Values, error) {
	switch {
	case (c.What == "passages") != (c.Search != ""):
		return nil, errors.New("a table of passages needs --search QUERY, and no other table takes it")
	case (c.What == "concordance") != (c.Trace != ""):
		return nil, errors.New("a concordance needs --trace PHRASE, and no other table takes it")
	case c.What != "passages" && (c.AsOf != "" || c.Past):
		return nil, errors.New("--as-of and --past belong to passages")
	case c.Search+c.Trace != "" && c.URL != "":
		return nil, errors.New("--url belongs to versions, changes and blame")
	case c.What == "blame" && c.URL == "":
		return nil, errors.New("a table of words (blame) needs --url URL, the address of a page")
	case c.What != "blame" && c.At != "":
		return nil, errors.New("--at belongs to blame")
	case c.What == "blame":
		q := url.Values{"url": {c.URL}}
		set(q, "at", c.At)
		return q, checkTimes(map[string]string{"--at": c.At})
	}
	q := url.Values{"source": c.Source, "topic": c.Topic}
	set(q, "lang", c.Lang)
	if c.Search+c.Trace != "" {
		set(q, "q", c.Search+c.Trace)
		set(q, "as_of", c.AsOf)
		set(q, "from", c.Since)
		set(q, "until", c.Until)
		if c.Past {
			q.Set("past", "1")
		}
	} else {
		q["sense"], q["min_weight"] = c.Sense, []string{fmt.Sprint(c.MinWeight)}
		set(q, "url", c.URL)
		set(q, "since", c.Since)
		set(q, "until", c.Until)
	}
	return q, checkTimes(map[string]string{"--since": c.Since, "--until": c.Until, "--as-of": c.AsOf})
}

// export has an export made from the archive, or by the instance that has it
// open.
func (a *app) export(ctx context.Context, w io.Writer, path string, q url.Values, do func(*server.Exports) error) error {
	open := a.openHouse
	if q.Has("q") || q.Has("trace") {
		open = a.open
	}
	h, err := open(ctx)
	if errors.Is(err, archive.ErrLocked) {
		return a.download(ctx, path+"?"+q.Encode(), w)
	}
	if err != nil {
		return err
	}
	docs := &server.Documents{Archive: h.archive, Index: h.index, Sources: h.sources, Thesaurus: h.thesaurus, Now: a.now}
	err = do(&server.Exports{Documents: docs, Software: "Veille " + version(), Progress: a.counted("exporting")})
	return errors.Join(err, h.close())
}

// openHouse opens the archive without its index.
func (a *app) openHouse(context.Context) (*house, error) {
	list, err := a.loadSources()
	if err != nil {
		return nil, err
	}
	return a.openArchive(list)
}

// counted is progress in larger numbers; nil where none is shown.
func (a *app) counted(what string) func(done, total int64) {
	show := a.progress(what)
	if show == nil || !isTerminal(a.err) {
		return nil
	}
	return func(done, total int64) { show(int(done), int(total), "") }
}

// damaged says what could not be exported, and makes the command fail.
func (a *app) damaged(list []string) error {
	for _, d := range list {
		fmt.Fprintln(a.err, "veille: left out:", d)
	}
	if len(list) > 0 {
		return errors.New("some records are damaged; everything else has been written; run `veille verify`")
	}
	return nil
}

// write has an export written to where the flags say. A file appears under its
// name when it is whole, and not before.
func (a *app) write(f outFlags, do func(io.Writer) error) error {
	if f.Out == "" || f.Out == "-" {
		return do(a.out)
	}
	if _, err := os.Stat(f.Out); err == nil && !f.Force {
		return fmt.Errorf("%s is there already; use another name, or --force to replace it", f.Out)
	}
	tmp, err := os.CreateTemp(filepath.Dir(f.Out), "."+filepath.Base(f.Out)+"-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", f.Out, err)
	}
	defer os.Remove(tmp.Name()) // nothing is there if it went well
	if err := do(tmp); err != nil {
		tmp.Close()
		return err
	}
	if err := errors.Join(tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.Out, err)
	}
	if err := os.Rename(tmp.Name(), f.Out); err != nil {
		return fmt.Errorf("write %s: %w", f.Out, err)
	}
	return nil
}
