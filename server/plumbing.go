package server

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"veille/archive"
	"veille/digest"
)

// loadAssets reads our own style sheet and pictures into memory.
func (w *web) loadAssets() error {
	files, err := fs.ReadDir(assetFiles, "assets")
	if err != nil {
		return fmt.Errorf("assets: %w", err)
	}
	all := sha256.New()
	for _, f := range files {
		data, err := assetFiles.ReadFile("assets/" + f.Name())
		if err != nil {
			return fmt.Errorf("assets: %w", err)
		}
		all.Write(data)
		kind := mime.TypeByExtension(path.Ext(f.Name()))
		switch path.Ext(f.Name()) { // whatever the machine's own table says
		case ".css":
			kind = "text/css; charset=utf-8"
		case ".js":
			kind = "text/javascript; charset=utf-8"
		case ".svg":
			kind = "image/svg+xml"
		}
		w.assets[f.Name()] = asset{data: data, kind: kind}
	}
	w.assetTag = base64.RawURLEncoding.EncodeToString(all.Sum(nil)[:6])
	return nil
}

// asset is a file that pages load; its address changes when it does.
func (w *web) asset(rw http.ResponseWriter, r *http.Request) error {
	a, ok := w.assets[r.PathValue("name")]
	if !ok {
		return fmt.Errorf("%s: %w", r.URL.Path, fs.ErrNotExist)
	}
	rw.Header().Set("Cache-Control", "public, max-age=86400")
	rw.Header().Set("Cross-Origin-Resource-Policy", "cross-origin") // replayed pages have an origin of their own
	return w.send(rw, r, a.kind, a.data)
}

// robots asks search engines to leave alone what is not for them. Archived
// wordings may be visited, so that they can be seen to say noindex.
func (w *web) robots(rw http.ResponseWriter, r *http.Request) error {
	const rules = "User-agent: *\nDisallow: /api/\nDisallow: /search\nDisallow: /trace\nDisallow: /figures\nDisallow: /collate\nDisallow: /blame\nDisallow: /export/\nDisallow: /cite/\nDisallow: /manage\nDisallow: /confirm/\nDisallow: /stop/\nDisallow: /outbox\nDisallow: /operator\nDisallow: /metrics\nDisallow: /language\nDisallow: /web/\nDisallow: /timegate/\nDisallow: /timemap/\n"
	return w.send(rw, r, "text/plain; charset=utf-8", []byte(rules))
}

// healthz answers "ok" while the archive can be read.
func (w *web) healthz(rw http.ResponseWriter, r *http.Request) error {
	rw.Header().Set("Cache-Control", "no-store")
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := w.Archive.Stats(r.Context()); err != nil {
		w.Log.Error("health", "err", err)
		rw.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(rw, "the archive cannot be read")
		return nil
	}
	fmt.Fprintln(rw, "ok")
	return nil
}

// metrics are what an operator's monitoring reads at /metrics.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(w *web) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "veille_http_requests_total", Help: "Requests answered."}, []string{"route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "veille_http_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.005, .02, .05, .1, .25, 1, 5, 30}}, []string{"route"}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.requests, m.seconds, &figures{web: w})
	return m
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// count counts requests by the route that answered, never by address.
func (m *metrics) count(h http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		c := &codeWriter{ResponseWriter: rw, code: http.StatusOK}
		h.ServeHTTP(c, r)
		route := or(r.Pattern, "none")
		m.requests.WithLabelValues(route, fmt.Sprint(c.code)).Inc()
		m.seconds.WithLabelValues(route).Observe(time.Since(begin).Seconds())
	})
}

// A codeWriter remembers the code of an answer. What is said of an answer that has
// begun – as when its reader left in the midst of it – comes too late, and is left out.
type codeWriter struct {
	http.ResponseWriter
	code  int
	begun bool
}

func (c *codeWriter) WriteHeader(code int) {
	if c.begun {
		return
	}
	if code >= http.StatusOK {
		c.code, c.begun = code, true
	}
	c.ResponseWriter.WriteHeader(code)
}

func (c *codeWriter) Write(b []byte) (int, error) {
	c.begun = true
	return c.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the writer underneath.
func (c *codeWriter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// figures collects the archive's and the outbox's figures when they are asked for.
type figures struct{ web *web }

var (
	descCaptures = prometheus.NewDesc("veille_captures_total", "Captures in the archive.", nil, nil)
	descVersions = prometheus.NewDesc("veille_versions_total", "Versions in the archive.", nil, nil)
	descChanges  = prometheus.NewDesc("veille_changes_total", "Changes that publishers caused, housekeeping too.", nil, nil)
	descPages    = prometheus.NewDesc("veille_pages", "Pages that have been captured.", nil, nil)
	descBytes    = prometheus.NewDesc("veille_archive_bytes", "Size of the WARC files.", nil, nil)
	descLook     = prometheus.NewDesc("veille_last_capture_timestamp_seconds", "Time of the latest capture.", nil, nil)
	descOutbox   = prometheus.NewDesc("veille_outbox_letters", "Letters in the outbox, by state.", []string{"state"}, nil)
	descWaits    = prometheus.NewDesc("veille_outbox_oldest_seconds", "For how long the oldest letter that is queued has waited.", nil, nil)
	descPeople   = prometheus.NewDesc("veille_subscribers", "People with a confirmed subscription.", nil, nil)
	descHeld     = prometheus.NewDesc("veille_suspended_addresses", "Addresses at which mail does not arrive, and to which none is sent.", nil, nil)
	descHooks    = prometheus.NewDesc("veille_webhook_changes", "Changes that webhooks and chats have not taken, by state.", []string{"state"}, nil)
	descSubs     = prometheus.NewDesc("veille_subscriptions", "Subscriptions, by state.", []string{"state"}, nil)
	descFilters  = prometheus.NewDesc("veille_subscription_filters", "Distinct filters of confirmed subscriptions.", nil, nil)
)

// Describe implements [prometheus.Collector].
func (f *figures) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descCaptures, descVersions, descChanges, descPages, descBytes, descLook, descOutbox, descWaits, descPeople, descHeld, descHooks, descSubs, descFilters} {
		ch <- d
	}
}

// Collect implements [prometheus.Collector].
func (f *figures) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	w := f.web
	s, err := w.Archive.Stats(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descCaptures, err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ch <- prometheus.MustNewConstMetric(descCaptures, prometheus.CounterValue, float64(s.Captures))
	ch <- prometheus.MustNewConstMetric(descVersions, prometheus.CounterValue, float64(s.Versions))
	gauge(descPages, float64(s.Pages))
	gauge(descBytes, float64(s.Bytes))
	if !s.LastCapture.IsZero() {
		gauge(descLook, float64(s.LastCapture.UnixMilli())/1000)
	}
	steps, err := w.Archive.Steps(ctx, archive.StepFilter{Published: true})
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descChanges, err)
		return
	}
	ch <- prometheus.MustNewConstMetric(descChanges, prometheus.CounterValue, float64(len(steps)))
	if w.Digest == nil {
		return
	}
	d, err := w.Digest.Store.Figures(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(descOutbox, err)
		return
	}
	for _, state := range digest.States {
		gauge(descOutbox, float64(d.Letters[state]), strings.ToLower(string(state)))
	}
	var waits float64
	if !d.Oldest.IsZero() {
		waits = w.docs.now().Sub(d.Oldest).Seconds()
	}
	gauge(descWaits, waits)
	gauge(descPeople, float64(d.People))
	gauge(descHeld, float64(d.Suspended))
	gauge(descHooks, float64(d.HooksWaiting), "queued")
	gauge(descHooks, float64(d.HooksFailed), "failed")
	gauge(descSubs, float64(d.Subscriptions), "confirmed")
	gauge(descSubs, float64(d.Unconfirmed), "unconfirmed")
	gauge(descFilters, float64(d.Filters))
}
