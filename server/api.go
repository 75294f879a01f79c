package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"veille/digest"
	"veille/index"
)

// maxList is how many changes the API gives at once.
const maxList = 10_000

// newAPI prepares the JSON API. Its documents are written by [Write], its
// errors are problem documents (RFC 9457), and it describes itself in
// /openapi.json. Pages that load scripts from elsewhere are switched off.
func newAPI(mux *http.ServeMux) huma.API {
	config := huma.DefaultConfig("Veille", "1")
	config.Info.Description = "What changed on the pages that this instance watches. The same documents as on the command line with --json."
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	format := huma.Format{Marshal: func(w io.Writer, v any) error { return Write(w, v) }, Unmarshal: json.Unmarshal}
	config.Formats = map[string]huma.Format{"application/json": format, "json": format}
	config.Transformers = append(config.Transformers, spelledOut)
	api := humago.New(mux, config)
	api.UseMiddleware(onlyKnown(api))
	return api
}

// accepted202 says in the description that a request is only taken down.
func accepted202(o *huma.Operation) {
	o.DefaultStatus = http.StatusAccepted
	o.MaxBodyBytes = maxForm
}

// answer is what an operation gives back.
type answer[T any] struct{ Body T }

func reply[T any](doc T, err error) (*answer[T], error) {
	if err != nil {
		return nil, err
	}
	return &answer[T]{doc}, nil
}

// apiError makes an error a problem document. Only what is our own fault is
// logged, and said without details.
func (w *web) apiError(ctx context.Context, err error) error {
	var input *InputError
	var query *index.QueryError
	var request *digest.RequestError
	at := func(where, what string) error {
		return huma.Error400BadRequest(err.Error(), &huma.ErrorDetail{Location: where, Message: what})
	}
	switch {
	case errors.As(err, &input):
		return at("query."+input.Where, input.What+"; "+input.Do)
	case errors.As(err, &request): // before what is wrong with a search in it
		return at("body."+request.Field, request.What+"; "+request.Do)
	case errors.As(err, &query):
		return huma.Error400BadRequest(query.Error(), &huma.ErrorDetail{Location: "query." + or(query.Param, "q"), Message: query.Msg,
			Value: WrongQuery{query.Code, query.Pos, query.Character}})
	case errors.Is(err, errBusy):
		return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable(err.Error()), http.Header{"Retry-After": {retryAfter}})
	case errors.Is(err, errNoDigest):
		return huma.Error503ServiceUnavailable(err.Error())
	case errors.Is(err, errTooMuch):
		return huma.Error422UnprocessableEntity(err.Error())
	case errors.Is(err, digest.ErrTooMany), errors.Is(err, digest.ErrTooManyAtDomain), errors.Is(err, digest.ErrTooManyFromYou), errors.Is(err, errTooFast):
		return huma.Error429TooManyRequests(err.Error())
	case errors.Is(err, fs.ErrNotExist):
		return huma.Error404NotFound(absence.Replace(err.Error()) + Watched)
	case left(ctx, err):
		return huma.Error503ServiceUnavailable("the request was given up")
	}
	w.Log.Error("api", "err", err)
	return huma.Error500InternalServerError("something went wrong on our side; the operator's log says what")
}

// Watched is what problem documents add to what is not in the archive.
const Watched = "; /api/v1/sources lists what is watched"

// absence says what [fs.ErrNotExist] means here: it is never about a file.
var absence = strings.NewReplacer(": "+fs.ErrNotExist.Error(), ": not in the archive", " ("+fs.ErrNotExist.Error()+")", "")

// A WrongQuery says which rule of the query language was broken, and where: the
// byte offset of the character, -1 for another parameter than the text, and the
// same in characters from 1, 0 for another parameter.
type WrongQuery struct {
	Code      string `json:"code"`
	Position  int    `json:"position"`
	Character int    `json:"character"`
}

// writeProblem writes a problem document for addresses that no operation has.
func writeProblem(rw http.ResponseWriter, code int, detail string) {
	rw.Header().Set("Content-Type", "application/problem+json")
	rw.WriteHeader(code)
	// What cannot be written has no reader any more.
	_ = Write(rw, &huma.ErrorModel{Status: code, Title: http.StatusText(code), Detail: detail})
}

// UIParam is a parameter of several operations. It is exported because what is
// embedded is read, and described, only then.
type UIParam struct {
	UI string `query:"ui" enum:"en,fr,nl,de" doc:"Language of the summaries; by default each is in the language of its page."`
}

type searchInput struct {
	Q            string   `query:"q" doc:"The search, in the query language of docs/query.md; empty finds everything."`
	AsOf         string   `query:"as_of" doc:"Find what stood at this time; a day means its end. Default: now."`
	From         string   `query:"from" doc:"First seen not before."`
	Until        string   `query:"until" doc:"First seen not after; a day means its end."`
	Lang         []string `query:"lang,explode"`
	Source       []string `query:"source,explode"`
	Kind         []string `query:"kind,explode"`
	Jurisdiction []string `query:"jurisdiction,explode"`
	Topic        []string `query:"topic,explode"`
	All          bool     `query:"all" doc:"Page furniture too."`
	Exact        bool     `query:"exact" doc:"Only the words as typed, not the other names of their concepts."`
	Past         bool     `query:"past" doc:"Also passages that no longer stand."`
	Document     string   `query:"document" doc:"Only this document: groups[].document of an earlier answer."`
	Grouped      bool     `query:"grouped" doc:"Give documents, twins in other languages together, with the best passages of each; limit and offset then count documents."`
	Sort         string   `query:"sort" enum:"relevance,newest,oldest" default:"relevance"`
	Limit        int      `query:"limit" minimum:"1" maximum:"1000" default:"20"`
	Offset       int      `query:"offset" minimum:"0" maximum:"10000"`
	Cursor       string   `query:"cursor" doc:"* for an answer that is read page by page and does not change meanwhile; then the cursor of the page before."`
}

func (w *web) apiSearch(ctx context.Context, in *searchInput) (*answer[*SearchDocument], error) {
	q, err := searchQuery(map[string][]string{"q": {in.Q}, "as_of": {in.AsOf}, "from": {in.From}, "until": {in.Until}, "lang": in.Lang,
		"source": in.Source, "kind": in.Kind, "jurisdiction": in.Jurisdiction, "topic": in.Topic, "sort": {in.Sort}})
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	q.All, q.Exact, q.Past, q.Limit, q.Offset = in.All, in.Exact, in.Past, in.Limit, in.Offset
	q.Document, q.Grouped, q.Cursor = in.Document, in.Grouped, in.Cursor
	doc, err := w.docs.Search(ctx, q)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

type changesInput struct {
	UIParam
	Since     string   `query:"since" doc:"First seen not before."`
	Until     string   `query:"until" doc:"First seen not after; a day means its end."`
	Source    []string `query:"source,explode"`
	Topic     []string `query:"topic,explode"`
	Sense     []string `query:"sense,explode"`
	MinWeight int      `query:"min_weight" minimum:"0" maximum:"5" default:"2" doc:"0 gives housekeeping too."`
	Lang      string   `query:"lang" doc:"Language of the text."`
	Grouped   bool     `query:"grouped" doc:"Give the same edits on many pages, and the returns of a page to earlier wordings, as one change each."`
	Limit     int      `query:"limit" minimum:"0" maximum:"10000" default:"100" doc:"0 gives as many as there are, up to 10000."`
	Offset    int      `query:"offset" minimum:"0"`
}

func (w *web) apiChanges(ctx context.Context, in *changesInput) (*answer[*ChangesDocument], error) {
	q, err := changesQuery(map[string][]string{"since": {in.Since}, "until": {in.Until}, "source": in.Source, "topic": in.Topic, "sense": in.Sense, "lang": {in.Lang}})
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	q.MinWeight, q.UILang, q.Limit, q.Offset, q.Grouped = in.MinWeight, in.UI, in.Limit, in.Offset, in.Grouped
	if q.Limit == 0 {
		q.Limit = maxList
	}
	doc, err := w.docs.Changes(ctx, q)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

type changeInput struct {
	UIParam
	PartParam
	ID string `path:"id" doc:"Two version numbers of one page, 17..18, or 0..18 for the first wording." example:"17..18"`
}

func (w *web) apiChange(ctx context.Context, in *changeInput) (*answer[*ChangeDocument], error) {
	doc, err := w.docs.ChangeByID(ctx, in.ID, in.UI)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc.Part(in.Limit, in.Offset), nil)
}

type diffInput struct {
	UIParam
	PartParam
	URL  string `query:"url" required:"true" doc:"Address of a page that is watched."`
	From string `query:"from" doc:"A version number, or a time; default: the version before."`
	To   string `query:"to" doc:"A version number, or a time; default: the latest."`
}

func (w *web) apiDiff(ctx context.Context, in *diffInput) (*answer[*ChangeDocument], error) {
	doc, err := w.docs.Diff(ctx, in.URL, in.From, in.To, in.UI)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc.Part(in.Limit, in.Offset), nil)
}

func (w *web) apiSources(ctx context.Context, _ *struct{}) (*answer[*SourcesDocument], error) {
	doc, err := w.docs.SourceList(ctx)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

// A SourcePagesDocument is one source with its pages.
type SourcePagesDocument struct {
	Source *SourceDocument `json:"source"`
	Pages  []PageDocument  `json:"pages"`
}

type sourceInput struct {
	ID string `path:"id"`
}

func (w *web) apiSource(ctx context.Context, in *sourceInput) (*answer[*SourcePagesDocument], error) {
	doc, pages, err := w.docs.Source(ctx, in.ID)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(&SourcePagesDocument{doc, pages}, nil)
}

type versionsInput struct {
	URL string `query:"url" required:"true" doc:"Address of a page that is watched."`
}

func (w *web) apiVersions(ctx context.Context, in *versionsInput) (*answer[*VersionsDocument], error) {
	doc, err := w.docs.Versions(ctx, in.URL)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

type versionInput struct {
	ID string `path:"id" doc:"Number of a version." example:"41"`
}

func (w *web) apiVersion(ctx context.Context, in *versionInput) (*answer[*VersionDocument], error) {
	id, ok := parseSeq(in.ID)
	if !ok || id == 0 {
		return nil, w.apiError(ctx, &InputError{"id", quote(in.ID) + " is not the number of a version", "write one such as 41"})
	}
	doc, err := w.docs.Version(ctx, id)
	if err != nil {
		return nil, w.apiError(ctx, err)
	}
	return reply(doc, nil)
}

type subscribeInput struct {
	Body struct {
		Email string `json:"email" doc:"A bare address."`
		SubscribeFields
	}
	asker netip.Addr
}

// Resolve notes who asks.
func (in *subscribeInput) Resolve(ctx huma.Context) []error {
	in.asker = asker(ctx.RemoteAddr(), ctx.Header("X-Forwarded-For"))
	return nil
}

// SubscribeFields are what can be asked for, but for the address.
type SubscribeFields struct {
	Name          string   `json:"name,omitempty" doc:"The reader's own, for subjects and reasons."`
	Note          string   `json:"note,omitempty" doc:"The reader's own, printed in each digest."`
	Query         string   `json:"query,omitempty" doc:"A search, as on the search page."`
	Topics        []string `json:"topics,omitempty"`
	Sources       []string `json:"sources,omitempty"`
	Jurisdictions []string `json:"jurisdictions,omitempty" doc:"Codes such as BE or EU."`
	Documents     []string `json:"documents,omitempty" doc:"Addresses of pages; language twins are meant too."`
	Passage       string   `json:"passage,omitempty" doc:"A wording: it, or what it has become, is in the edit."`
	Kinds         []string `json:"kinds,omitempty" doc:"new, change, drift, health; default new and change."`
	MinWeight     int      `json:"min_weight,omitempty" doc:"1 to 5; default 2."`
	Cadence       string   `json:"cadence,omitempty" doc:"now, daily, weekly or monthly; default daily."`
	Workdays      bool     `json:"workdays,omitempty" doc:"Not on Saturday and Sunday."`
	Density       string   `json:"density,omitempty" doc:"headlines, excerpts or full; default excerpts."`
	Always        bool     `json:"always,omitempty" doc:"A mail also when nothing changed."`
	Lang          string   `json:"lang,omitempty" doc:"Of all mails to the address: en, fr, nl or de; default en."`
	Zone          string   `json:"zone,omitempty" doc:"Time zone of the address, such as Europe/Brussels."`
	At            string   `json:"at,omitempty" doc:"Hour of the mails in that zone, such as 07:00."`
}

func (f *SubscribeFields) request() digest.Request {
	r := digest.Request{Lang: f.Lang, Zone: f.Zone,
		Filter: digest.Filter{Query: f.Query, Topics: f.Topics, Sources: f.Sources, Jurisdictions: f.Jurisdictions, Documents: f.Documents,
			Passage: f.Passage, MinWeight: f.MinWeight},
		Settings: digest.Settings{Name: f.Name, Note: f.Note, Cadence: digest.Cadence(f.Cadence), At: f.At, Workdays: f.Workdays,
			Density: digest.Density(f.Density), Always: f.Always}}
	for _, k := range f.Kinds {
		r.Kinds = append(r.Kinds, digest.Kind(k))
	}
	return r
}

// A Taken says that a request was taken down.
type Taken struct {
	Status string `json:"status"`
	Detail string `json:"detail"`
}

// apiSubscribe asks for a subscription. The answer is the same whether the
// address was known or not.
func (w *web) apiSubscribe(ctx context.Context, in *subscribeInput) (*answer[*Taken], error) {
	if w.Digest == nil {
		return nil, w.apiError(ctx, errNoDigest)
	}
	req := in.Body.request()
	req.Email, req.Asker = in.Body.Email, in.asker
	if err := w.ask(ctx, req); err != nil {
		return nil, w.apiError(ctx, fmt.Errorf("subscription: %w", err))
	}
	return reply(&Taken{"unconfirmed", "a mail is on its way that asks to confirm"}, nil)
}

type replayInput struct {
	Body struct{ SubscribeFields }

	asker netip.Addr
}

// Resolve notes who asks.
func (in *replayInput) Resolve(ctx huma.Context) []error {
	in.asker = asker(ctx.RemoteAddr(), ctx.Header("X-Forwarded-For"))
	return nil
}

// apiReplay tells what a subscription would have told in the last 90 days.
func (w *web) apiReplay(ctx context.Context, in *replayInput) (*answer[*digest.Replay], error) {
	if w.Digest == nil {
		return nil, w.apiError(ctx, errNoDigest)
	}
	doc, slow, err := w.rehearse(ctx, in.asker, in.Body.request())
	if slow {
		err = errTooMuch
	}
	if err != nil {
		return nil, w.apiError(ctx, fmt.Errorf("replay: %w", err))
	}
	return reply(doc, nil)
}
