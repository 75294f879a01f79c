package archive

import (
	"context"
	"errors"
	"io"

	"golang.org/x/sync/semaphore"

	"veille/archive/warc"
)

// aheadBytes bounds what is read ahead.
const aheadBytes = 16 << 20

// An ahead reads the records of a file in a goroutine of its own, so that
// decompressing and hashing them does not wait for whoever lists them. A record
// whose block is not what its digest says is broken like one that cannot be
// decompressed.
type ahead struct {
	ctx  context.Context
	stop context.CancelFunc
	came chan aheadRecord
	room *semaphore.Weighted
	held int64

	payload string // the digest of the last record's payload, if it had to be computed
}

type aheadRecord struct {
	rec    *warc.Record
	span   warc.Span
	err    error
	weight int64

	payload string
}

// readAhead begins to read r, up to the first error that cannot be passed. With
// payloads the digests of payloads are computed, too. close must be called.
func readAhead(ctx context.Context, r *warc.Reader, payloads bool) *ahead {
	h := &ahead{came: make(chan aheadRecord, 64), room: semaphore.NewWeighted(aheadBytes)}
	h.ctx, h.stop = context.WithCancel(ctx)
	go func() {
		defer close(h.came)
		for last := int64(-1); ; {
			next := aheadRecord{}
			next.rec, next.span, next.err = r.Next()
			if next.err == nil {
				next.err = next.rec.CheckBlock()
				next.weight = min(int64(len(next.rec.Block)), aheadBytes)
			}
			if next.err == nil && payloads && (next.rec.Type() == warc.TypeResponse || next.rec.Type() == warc.TypeResource) && payloadDigest(next.rec) != "" {
				if ans, err := parseAnswer(answerOf(next.rec)); err == nil {
					next.payload = warc.Digest(ans.payload)
				}
			}
			if errors.Is(next.err, warc.ErrMalformed) {
				if next.span.Offset <= last {
					return
				}
				last = next.span.Offset
			}
			if h.room.Acquire(h.ctx, next.weight) != nil {
				return
			}
			select {
			case h.came <- next:
			case <-h.ctx.Done():
				return
			}
			if next.err != nil && !errors.Is(next.err, warc.ErrMalformed) {
				return
			}
		}
	}()
	return h
}

// next returns the next record, as [warc.Reader.Next] does; at the end, and
// behind damage that cannot be passed, the error is [io.EOF]. The record
// before must no longer be needed.
func (h *ahead) next() (*warc.Record, warc.Span, error) {
	h.room.Release(h.held)
	h.held = 0
	n, ok := <-h.came
	if !ok {
		if err := h.ctx.Err(); err != nil {
			return nil, warc.Span{}, err
		}
		return nil, warc.Span{}, io.EOF
	}
	h.held, h.payload = n.weight, n.payload
	return n.rec, n.span, n.err
}

// close ends the reading. It waits until nothing more is read.
func (h *ahead) close() {
	h.stop()
	for range h.came { // until the goroutine has closed it
	}
}
