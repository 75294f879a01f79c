// Package server shows the archive: web pages, a JSON API, feeds, and the
// forms to subscribe, confirm and stop.
//
// Three things are kept apart. [Documents] answers questions with plain
// documents, the same for pages, API and command line. The pages (one file a
// page) put documents into templates and hold no rules. What all answers have
// in common – language, errors, security headers, feeds' twins – is done once,
// around them.
//
// Every page works without script, loads nothing from elsewhere, and says what
// is not known. What comes from archived pages is text everywhere and never
// markup.
package server

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"veille/archive"
	"veille/crawler"
	"veille/digest"
	"veille/index"
	"veille/internal/courtesy"
	"veille/source"
	"veille/thesaurus"
)

// A Server serves one archive. Fields are set before Handler is called; Archive,
// Sources and Thesaurus are needed.
type Server struct {
	Archive   *archive.Archive
	Index     *index.Index
	Sources   *source.List
	Thesaurus *thesaurus.Thesaurus
	Digest    *digest.Digester // nil: no subscriptions
	Crawler   *crawler.Crawler // nil: nothing is looked at
	// BaseURL is the public address, "https://veille.example.org", used in feeds
	// and as permanent address; "" takes it from each request.
	BaseURL string
	// Stale is how old a page that anybody may see can be if it is shown while it is
	// made anew, because something was written meanwhile; where that takes long, up
	// to six times. 0: none is.
	Stale time.Duration
	// Readers is told who is being answered, for what is done in the background to
	// give way to them; nil: one of its own, for KeepWarm.
	Readers *courtesy.Gate
	// Open shows the operator's pages to everyone: for demonstrations.
	Open bool
	// Login is how operators log in; nil: their pages are for this machine only.
	Login *Login
	// Add keeps a saved page; nil: pages cannot be added here.
	Add func(context.Context, SavedPage) (*AddedPage, error)
	Log *slog.Logger     // nil: slog.Default
	Now func() time.Time // nil: time.Now

	docs *Documents // of the handler
}

// Handler returns the handler of all routes; they are listed here and nowhere
// else, and described in docs/api.md. Names that end in .atom or .json are the
// twins of lists, see [web.twin]; those that end in a whole address are apart
// from the others, see address.go.
func (s *Server) Handler() http.Handler {
	w, err := newWeb(s)
	if err != nil {
		return broken(s.Log, err)
	}
	s.docs = w.docs
	mux := http.NewServeMux()
	page := func(pattern string, h handler) { mux.Handle(pattern, w.page(h)) }
	page("GET /{$}", w.kept(w.stateOfAll, w.home))
	page("GET /search", w.keptFor(searchKept, w.stateOfSearch, w.search))
	page("GET /saved", w.saved)
	page("POST /saved", w.keep)
	page("GET /saved/{name}", w.savedFile)
	page("GET /trace", w.kept(w.stateOfAll, w.trace))
	page("GET /trace.csv", w.traceCSV)
	page("GET /figures", w.kept(w.stateOfAddress, w.figures))
	page("GET /figures.csv", w.figuresCSV)
	page("GET /topics", w.kept(w.stateOfAll, w.topicList))
	page("GET /topics.atom", w.topicsFeed)
	page("GET /topics.json", w.topicsFeed)
	page("GET /topics/{id}", w.kept(w.stateOfAll, w.topicOf))
	page("GET /sources", w.kept(w.stateOfAll, w.sources))
	page("GET /sources.atom", w.sourcesFeed)
	page("GET /sources.json", w.sourcesFeed)
	page("GET /source/{id}", w.kept(w.stateOfOneSource, w.source))
	page("GET /page/{id}", w.kept(w.stateOfPage, w.document))
	page("GET /v/{id}", w.kept(w.stateOfVersion, w.version))
	page("GET /v/{id}/proof", w.proof)
	page("GET /v/{id}/blame", w.kept(w.stateOfVersion, w.blame))
	page("GET /v/{id}/passage/{block}", w.kept(w.stateOfVersion, w.passage))
	page("GET /v/{id}/reuse/{block}", w.kept(w.stateOfAll, w.reuse))
	page("GET /blame", w.blameAt)
	page("GET /collate", w.kept(w.stateOfAddress, w.collate))
	page("GET /proof", w.proofAt)
	page("GET /export/{name}", w.exportArchive)
	page("GET /export/{what}/{name}", w.exportArchive)
	page("OPTIONS /export/{rest...}", w.exportOptions)
	page("GET /cite/{name}", w.cite)
	page("GET /change", w.compare)
	page("GET /change/{id}", w.kept(w.stateOfChange, w.change))
	page("GET /subscribe", w.subscribe)
	page("POST /subscribe", w.subscribed)
	page("GET /confirm/{token}", w.confirm)
	page("POST /confirm/{token}", w.confirmed)
	page("GET /stop/{token}", w.stop)
	page("POST /stop/{token}", w.stopped)
	page("GET /manage", w.askManage)
	page("POST /manage", w.askedManage)
	page("GET /manage/{token}", w.manage)
	page("POST /manage/{token}", w.managed)
	page("GET /manage/{token}/export", w.manageExport)
	page("GET /manage/{token}/{id}", w.changing)
	page("POST /manage/{token}/{id}", w.changed)
	page("GET /outbox", w.only(w.outbox))
	page("POST /outbox/{id}", w.only(w.mailed))
	page("POST /outbox/suspended/{id}", w.only(w.lifted))
	page("GET /outbox/{id}", w.only(w.mail))
	page("GET /operator", w.only(w.operatorHome))
	page("GET /operator/add", w.trusted(w.addForm))
	mux.Handle("POST /operator/add", w.pageOf(maxUpload, w.trusted(w.added)))
	page("GET /operator/try", w.trusted(w.tryForm))
	page("POST /operator/try", w.trusted(w.triedOut))
	page("GET /operator/login", w.loginForm)
	page("POST /operator/login", w.loggedIn)
	page("POST /operator/logout", w.loggedOut)
	page("GET /operator/provider", w.toProvider)
	page("GET /operator/callback", w.fromProvider)
	page("GET /changes.atom", w.kept(w.stateOfAll, w.changesFeed))
	page("GET /changes.json", w.kept(w.stateOfAll, w.changesFeed))
	page("GET /calendar.ics", w.icsFeed)
	page("GET /drift.atom", w.kept(w.stateOfAll, w.driftFeed))
	page("GET /drift.json", w.kept(w.stateOfAll, w.driftFeed))
	page("GET /search.atom", w.keptFor(searchKept, w.stateOfSearch, w.searchFeed))
	page("GET /search.json", w.keptFor(searchKept, w.stateOfSearch, w.searchFeed))
	page("GET /trace.atom", w.kept(w.stateOfAll, w.traceFeed))
	page("GET /trace.json", w.kept(w.stateOfAll, w.traceFeed))
	page("GET /robots.txt", w.robots)
	page("GET /opensearch.xml", w.openSearch)
	page("GET /checkpoint", w.checkpoint)
	page("GET /checkpoint/key", w.logKey)
	page("GET /tile/{path...}", w.tile)
	page("GET /healthz", w.healthz)
	page("GET /assets/{name}", w.asset)
	page("GET /language", w.language)
	mux.Handle("GET /metrics", w.metrics.handler())
	w.whole("GET /timegate/{address...}", w.timegate)
	w.whole("GET /timemap/{address...}", w.timemap)
	w.whole("GET /web/{address...}", w.memento)

	api := newAPI(mux)
	huma.Get(api, "/api/v1/search", w.apiSearch)
	huma.Get(api, "/api/v1/changes", w.apiChanges)
	huma.Get(api, "/api/v1/changes/{id}", w.apiChange)
	huma.Get(api, "/api/v1/diff", w.apiDiff)
	huma.Get(api, "/api/v1/trace", w.apiTrace)
	huma.Get(api, "/api/v1/figures", w.apiFigures)
	huma.Get(api, "/api/v1/drift", w.apiDrift)
	huma.Get(api, "/api/v1/blame", w.apiBlame)
	huma.Get(api, "/api/v1/passage", w.apiPassage)
	huma.Get(api, "/api/v1/collation", w.apiCollation)
	huma.Get(api, "/api/v1/reuse", w.apiReuse)
	huma.Get(api, "/api/v1/cite", w.apiCite)
	huma.Get(api, "/api/v1/sources", w.apiSources)
	huma.Get(api, "/api/v1/sources/{id}", w.apiSource)
	huma.Get(api, "/api/v1/versions", w.apiVersions)
	huma.Get(api, "/api/v1/versions/{id}", w.apiVersion)
	huma.Post(api, "/api/v1/subscriptions", w.apiSubscribe, accepted202)
	huma.Post(api, "/api/v1/subscriptions/replay", w.apiReplay)
	guarded := w.guard(mux)
	if w.logins != nil {
		guarded = w.logins.around(guarded)
	}
	h, err := compress(guarded)
	if err != nil {
		return broken(s.Log, err)
	}
	return h
}
