package warc

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// Matches reports whether a labelled digest, as any tool writes it – sha1,
// sha256, sha512 or md5, in base32, base64 or hexadecimal – is that of b. A digest of
// another kind is taken as right: known is false.
func Matches(digest string, b []byte) (ok, known bool) {
	label, value, _ := strings.Cut(digest, ":")
	var h hash.Hash
	switch strings.ReplaceAll(strings.ToLower(label), "-", "") {
	case "sha1":
		h = sha1.New()
	case "sha256":
		h = sha256.New()
	case "sha512":
		h = sha512.New()
	case "md5":
		h = md5.New()
	default:
		return true, false
	}
	h.Write(b)
	sum := h.Sum(nil)
	if got, err := hex.DecodeString(value); err == nil && len(got) == len(sum) {
		return bytes.Equal(got, sum), true
	}
	if got, err := base64.StdEncoding.DecodeString(value); err == nil && len(got) == len(sum) {
		return bytes.Equal(got, sum), true
	}
	got, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(strings.TrimRight(value, "=")))
	if err != nil || len(got) != len(sum) {
		return false, true
	}
	return bytes.Equal(got, sum), true
}

// CheckBlock reports an error wrapping ErrMalformed if the record's block is
// not what its WARC-Block-Digest says.
func (r *Record) CheckBlock() error {
	if d := r.Get("WARC-Block-Digest"); d != "" {
		if ok, _ := Matches(d, r.Block); !ok {
			return fmt.Errorf("%w: its block is not what its digest %.80s says", ErrMalformed, d)
		}
	}
	return nil
}

// CheckPayload reports an error wrapping ErrMalformed if none of the payloads
// given has the digest of WARC-Payload-Digest. Tools differ in what they call
// the payload of a chunked answer: with its chunks, or without.
func (r *Record) CheckPayload(payloads ...[]byte) error {
	d := r.Get("WARC-Payload-Digest")
	if d == "" || r.Get("WARC-Truncated") != "" {
		return nil
	}
	for _, p := range payloads {
		if ok, _ := Matches(d, p); ok {
			return nil
		}
	}
	return fmt.Errorf("%w: its payload is not what its digest %.80s says", ErrMalformed, d)
}

// URI is the record's WARC-Target-URI, without the angle brackets that some
// tools put around it.
func (r *Record) URI() string {
	return strings.TrimSuffix(strings.TrimPrefix(r.Get("WARC-Target-URI"), "<"), ">")
}
