package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/alecthomas/kong"
)

// flags are the command line. Every field is documented in docs/operating.md;
// a test checks it.
type flags struct {
	Data    string `default:"./data" placeholder:"DIR" help:"Data directory: the archive, the index and the subscribers."`
	Sources string `default:"./sources.yaml" placeholder:"FILE" help:"What to watch."`
	Contact string `env:"VEILLE_CONTACT" placeholder:"ADDR" help:"Address by which publishers reach you; part of the User-Agent. Overrides the contact in sources.yaml."`
	Verbose bool   `short:"v" help:"Log every step."`
	Quiet   bool   `short:"q" help:"Log errors only."`

	Serve         serveCmd         `cmd:"" help:"Crawl on schedule, and serve the web pages and the API."`
	Operator      operatorCmd      `cmd:"" help:"Prepare what lets operators log in to the web pages."`
	Crawl         crawlCmd         `cmd:"" help:"One pass now: fetch, extract, index; print what changed."`
	Demo          demoCmd          `cmd:"" help:"The whole product on a small built-in site that changes while you watch."`
	Check         checkCmd         `cmd:"" help:"Check sources.yaml; list every mistake with line and column."`
	Try           tryCmd           `cmd:"" help:"Fetch a page, or read a file, and print what Veille reads in it. Keeps nothing."`
	Add           addCmd           `cmd:"" help:"Put a saved page or PDF into the archive, as a capture made at a given time."`
	Import        importCmd        `cmd:"" help:"Take in captures of other crawlers: WARC and WACZ files."`
	Search        searchCmd        `cmd:"" help:"Search the archive, as it reads now or read on any day."`
	Changes       changesCmd       `cmd:"" help:"List what changed, newest first."`
	Diff          diffCmd          `cmd:"" help:"Show what changed between two versions of a page."`
	Drift         driftCmd         `cmd:"" help:"List changes of one language version that its twin has not followed."`
	Figures       figuresCmd       `cmd:"" help:"List amounts, periods and dates that stand with a phrase, and how they changed."`
	Trace         traceCmd         `cmd:"" help:"Tell where and when a phrase ever stood, in every language."`
	Blame         blameCmd         `cmd:"" help:"Tell of each word of a page since when it has stood there."`
	Passage       passageCmd       `cmd:"" help:"Tell the biography of a passage: all its wordings, with redlines."`
	Collate       collateCmd       `cmd:"" help:"Set any number of wordings of a page beside one another."`
	Reuse         reuseCmd         `cmd:"" help:"Tell on which other pages nearly the same words stand, by when they were first seen."`
	Subscriptions subscriptionsCmd `cmd:"" help:"Add, list and remove subscriptions."`
	Webhooks      webhooksCmd      `cmd:"" help:"Add, list, test and remove webhooks, and chats that are told of changes."`
	Bounces       bouncesCmd       `cmd:"" help:"Read mail servers' reports on mails that did not arrive; list and lift suspensions."`
	Digest        digestCmd        `cmd:"" help:"Send the digests that are due."`
	Prove         proveCmd         `cmd:"" help:"Write a bundle that proves what a page said; or check one, offline."`
	Cite          citeCmd          `cmd:"" help:"Print a reference to a wording: for a footnote, as BibTeX, RIS or CSL-JSON."`
	Export        exportCmd        `cmd:"" help:"Write what the archive holds for other programs: WACZ, CDXJ, CSV, JSON Lines, TEI, a frozen corpus."`
	Verify        verifyCmd        `cmd:"" help:"Read the whole archive again and check every digest."`
	Rebuild       rebuildCmd       `cmd:"" help:"Make the catalogue and the index anew from the WARC files."`
	Version       versionCmd       `cmd:"" help:"Print the version of the program."`
}

// An app is what a command has to work with.
type app struct {
	flags  *flags
	in     io.Reader // what is typed or piped in
	out    io.Writer
	err    io.Writer
	log    *slog.Logger
	now    func() time.Time
	onboot func(url string) // told the address once serve or demo listens; nil outside tests
}

// errFailed ends a command whose findings have been printed already.
var errFailed = errors.New("failed")

// run is the program: it carries out one command line and returns the exit
// status: 0 for success, 1 for failure, 2 for a wrong command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return (&app{in: os.Stdin, out: stdout, err: stderr, now: time.Now}).run(ctx, args)
}

func (a *app) run(ctx context.Context, args []string) int {
	a.flags = &flags{}
	exit := -1
	parser, err := kong.New(a.flags, kong.Name("veille"), kong.Writers(a.out, a.err), kong.UsageOnError(),
		kong.Exit(func(code int) { exit = code }), kong.ShortUsageOnError(),
		kong.Description("Veille watches government, court, parliament and EU pages, keeps every wording, and tells you what changed."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		fmt.Fprintln(a.err, "veille:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	kctx, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		fmt.Fprintf(a.err, "veille: %s%s; see `veille --help`\n", shown(err.Error()), quoting(args, err))
		return 2
	}
	a.log = slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: a.flags.level()}))
	switch err := kctx.Run(a); {
	case err == nil:
		return 0
	case errors.Is(err, errFailed):
		return 1
	default:
		what := inWords.Replace(err.Error())
		if what != err.Error() {
			what += "; `veille export csv versions` lists the pages and wordings that it has"
		}
		fmt.Fprintln(a.err, "veille:", shownLines(what))
		return 1
	}
}

// quoting is what to do where a query, or another text, was taken for something
// else: its minus for a flag, or its second word for another argument.
func quoting(args []string, err error) string {
	command, what := "", err.Error()
	for _, arg := range args {
		if slices.Contains([]string{"search", "trace", "figures"}, arg) {
			command = arg
			break
		}
	}
	switch {
	case command == "":
	case strings.HasPrefix(what, "unknown flag"):
		return fmt.Sprintf("; what begins with a minus and is no flag stands behind two of them: veille %s -- '-word'", command)
	case strings.HasPrefix(what, "unexpected argument"):
		return fmt.Sprintf("; put quotation marks around several words: veille %s 'one two'", command)
	}
	return ""
}

// inWords says what [fs.ErrNotExist] means here: it is never about a file, of
// which systems say so in words of their own.
var inWords = strings.NewReplacer(": "+fs.ErrNotExist.Error(), ": not in the archive", " ("+fs.ErrNotExist.Error()+")", "")

// shown is a text that others wrote, fit for a terminal: control characters,
// which could hide what stands beside it or pretend to be it, are U+FFFD.
func shown(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// shownLines is shown for a text of several lines.
func shownLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = shown(lines[i])
	}
	return strings.Join(lines, "\n")
}

func (f *flags) level() slog.Level {
	switch {
	case f.Verbose:
		return slog.LevelInfo
	case f.Quiet:
		return slog.LevelError
	}
	return slog.LevelWarn
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(a *app) error {
	fmt.Fprintln(a.out, "veille", version())
	return nil
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	return "0-dev"
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
