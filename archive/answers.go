package archive

import (
	"bytes"
	"fmt"
	"strings"

	"veille/archive/warc"
)

func setAnswer(r *warc.Record, id string, x Exchange) {
	for i := range r.Fields {
		if r.Fields[i].Name == "WARC-Record-ID" {
			r.Fields[i].Value = "<" + id + ">"
		}
	}
	r.Set("WARC-Target-URI", x.URL)
	r.Set("WARC-IP-Address", x.IP)
	r.Set("WARC-Truncated", x.Truncated)
}

// setPayload gives an answer's record the digest of its payload, by the name
// under which no tool misreads it.
func setPayload(r *warc.Record, ans *answer) {
	switch {
	case ans == nil:
	case bytes.Equal(ans.payload, r.Block[ans.head:]):
		r.Set("WARC-Payload-Digest", warc.Digest(ans.payload))
	default:
		r.Set("Veille-Payload-Digest", warc.Digest(ans.payload))
	}
}

// payloadDigest is the digest of a record's payload, "" if it gives none.
func payloadDigest(r *warc.Record) string {
	if d := r.Get("WARC-Payload-Digest"); d != "" {
		return d
	}
	return r.Get("Veille-Payload-Digest")
}

// answerType: what a browser made is a resource, not an answer of the server.
func answerType(x Exchange) string {
	if x.Rendered {
		return warc.TypeResource
	}
	return warc.TypeResponse
}

// renderedBy names the browser that made a page, in its record and, where it
// is read as an answer, among its header fields.
const renderedBy = "Veille-Rendered"

// answerOf is what a record holds, in the form of an answer of HTTP.
func answerOf(r *warc.Record) []byte {
	kind := r.Get("Content-Type")
	if r.Type() != warc.TypeResource || strings.HasPrefix(kind, "application/http") {
		return r.Block
	}
	head := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n", kind, len(r.Block))
	if by := r.Get(renderedBy); by != "" {
		head += renderedBy + ": " + by + "\r\n"
	}
	return append([]byte(head+"\r\n"), r.Block...)
}
