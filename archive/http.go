package archive

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// maxDecoded bounds a decoded body: 15 MB is the crawler's limit, and what
// saved files or other crawlers bring may be somewhat larger.
const maxDecoded = 64 << 20

// ErrTooLarge is wrapped by errors about a body over its limit.
var ErrTooLarge = errors.New("body is too large")

// An answer is the last exchange's response, taken apart.
type answer struct {
	status  int
	header  http.Header
	payload []byte // transfer-decoded, not content-decoded: what WARC calls the payload
	head    int    // length of status line and headers in the raw bytes
}

// parseAnswer takes a raw HTTP/1.x response apart. A body cut short is no
// error here: the crawler has said so in Capture.Err.
func parseAnswer(raw []byte) (*answer, error) {
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		return nil, fmt.Errorf("not an HTTP response: %w", err)
	}
	defer res.Body.Close()
	payload, _ := io.ReadAll(res.Body) // what there is
	head := len(raw)
	if i := bytes.Index(raw, []byte("\r\n\r\n")); i >= 0 {
		head = i + 4
	}
	return &answer{res.StatusCode, res.Header, payload, head}, nil
}

// parseHead reads the status and the headers of a raw HTTP/1.x response, and
// not what follows them.
func parseHead(raw []byte) (status int, h http.Header, err error) {
	res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		return 0, nil, fmt.Errorf("not an HTTP response: %w", err)
	}
	return res.StatusCode, res.Header, nil // closing the body would read it
}

// DecodeBody undoes the content codings (gzip, deflate, br; RFC 9110 §8.4)
// that h declares for raw. It returns raw itself if there are none, and an
// error wrapping ErrTooLarge if the result would exceed limit bytes.
func DecodeBody(h http.Header, raw []byte, limit int64) ([]byte, error) {
	codings := strings.Split(strings.Join(h.Values("Content-Encoding"), ","), ",")
	body := raw
	for i := len(codings) - 1; i >= 0; i-- {
		coding := strings.ToLower(strings.TrimSpace(codings[i]))
		if coding == "" || coding == "identity" || len(body) == 0 {
			continue
		}
		decoded, err := decode(coding, body, limit)
		if err != nil {
			return nil, fmt.Errorf("content coding %s: %w", coding, err)
		}
		body = decoded
	}
	return body, nil
}

func decode(coding string, body []byte, limit int64) ([]byte, error) {
	var r io.Reader
	var err error
	src := bytes.NewReader(body)
	switch coding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(src)
	case "br":
		r = brotli.NewReader(src)
	case "deflate": // zlib by the letter of RFC 9110; some servers send raw deflate
		if r, err = zlib.NewReader(src); err != nil {
			r, err = flate.NewReader(bytes.NewReader(body)), nil
		}
	default:
		return nil, errors.New("unknown; the server must be asked for gzip or br only")
	}
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(out)) > limit {
		return nil, fmt.Errorf("over %d bytes when decoded: %w", limit, ErrTooLarge)
	}
	return out, nil
}
