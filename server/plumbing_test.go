package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// A headerCounter counts how often an answer is begun.
type headerCounter struct {
	*httptest.ResponseRecorder
	begun int
}

func (h *headerCounter) WriteHeader(code int) {
	h.begun++
	h.ResponseRecorder.WriteHeader(code)
}

// TestAnAnswerIsBegunOnce: whoever is told in the midst of an answer that its
// reader has left may say so; the answer keeps the code it had, and the server
// underneath is not told of another.
func TestAnAnswerIsBegunOnce(t *testing.T) {
	m := &metrics{requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "r"}, []string{"route", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "s"}, []string{"route"})}
	tests := []struct {
		name   string
		answer func(http.ResponseWriter)
		code   int
		begun  int
	}{
		{"a code, and then another", func(rw http.ResponseWriter) {
			rw.WriteHeader(http.StatusOK)
			io.WriteString(rw, "half of it")
			rw.WriteHeader(499)
		}, http.StatusOK, 1},
		{"half of it, and then a code", func(rw http.ResponseWriter) {
			io.WriteString(rw, "half of it")
			rw.WriteHeader(http.StatusInternalServerError)
		}, http.StatusOK, 0},
		{"a hint, and then a code", func(rw http.ResponseWriter) {
			rw.WriteHeader(http.StatusEarlyHints)
			rw.WriteHeader(http.StatusNotFound)
		}, http.StatusNotFound, 2},
	}
	for _, test := range tests {
		rw := &headerCounter{ResponseRecorder: httptest.NewRecorder()}
		code := 0
		m.count(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			test.answer(rw)
			code = rw.(*codeWriter).code
		})).ServeHTTP(rw, httptest.NewRequest(http.MethodGet, "/", nil))
		if rw.begun != test.begun || code != test.code {
			t.Errorf("%s: begun %d times, with code %d; want %d times, %d", test.name, rw.begun, code, test.begun, test.code)
		}
	}
}
