package server

import (
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

// leastCompressed is the size in bytes below which compressing gains nothing: it
// fits into one packet.
const leastCompressed = 1400

// plainRoutes are answered as they are. Archived bytes and exports are measured
// and resumed by their bytes; what holds a secret is not compressed together
// with what a stranger can put into the address, or its size would tell of it.
var plainRoutes = []string{"/web/", "/export/", "/tile/", "/metrics", "/manage", "/confirm/", "/stop/", "/outbox"}

// compressed are the types that are compressed, beside text/*.
var compressed = map[string]bool{
	"application/json": true, "application/problem+json": true, "application/feed+json": true, "application/atom+xml": true, "application/openapi+json": true,
	"application/link-format": true, "application/opensearchdescription+xml": true, "image/svg+xml": true,
}

// compress makes text small for readers that take zstd or gzip. Pages have weak
// ETags, which hold for all codings of one text (RFC 9110, 8.8.1).
func compress(h http.Handler) (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(leastCompressed), gzhttp.ContentTypeFilter(func(kind string) bool {
		name, _, err := mime.ParseMediaType(kind)
		return err == nil && (strings.HasPrefix(name, "text/") || compressed[name])
	}))
	if err != nil {
		return nil, fmt.Errorf("compression: %w", err)
	}
	small := wrap(h)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		for _, route := range plainRoutes {
			if strings.HasPrefix(r.URL.Path, route) {
				h.ServeHTTP(rw, r)
				return
			}
		}
		small.ServeHTTP(rw, r)
	}), nil
}
