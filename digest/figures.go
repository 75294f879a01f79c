package digest

import (
	"context"
	"fmt"
	"time"
)

// Figures are a few figures about a store, for its operator.
type Figures struct {
	Letters       map[State]int // by state
	Oldest        time.Time     // when the oldest letter was written that waits; zero if none does
	People        int           // with a confirmed subscription
	Subscriptions int           // confirmed, and not stopped
	Unconfirmed   int           // subscriptions that wait for confirmation
	Suspended     int           // people to whom mail does not arrive
	HooksWaiting  int           // changes that webhooks and chats have not taken yet
	HooksFailed   int           // those that were given up
	Filters       int           // distinct, of the confirmed ones: what matching costs grows with them
}

// Figures counts.
func (s *Store) Figures(ctx context.Context) (*Figures, error) {
	f := &Figures{Letters: map[State]int{}}
	rows, err := s.read.QueryContext(ctx, `SELECT state, count(*) FROM letter GROUP BY state`)
	if err != nil {
		return nil, fmt.Errorf("count letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var state State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count letters: %w", err)
		}
		f.Letters[state] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count letters: %w", err)
	}
	var oldest int64
	err = s.read.QueryRowContext(ctx, `SELECT (SELECT coalesce(min(created), 0) FROM letter WHERE state = 'queued'),
		(SELECT count(*) FROM person WHERE suspended > 0 AND ended = 0),
		(SELECT count(*) FROM delivery WHERE state = 'queued'), (SELECT count(*) FROM delivery WHERE state = 'failed'), count(DISTINCT CASE WHEN confirmed > 0 THEN person END), count(CASE WHEN confirmed > 0 THEN 1 END),
		count(CASE WHEN confirmed = 0 THEN 1 END), count(DISTINCT CASE WHEN confirmed > 0 THEN filter END) FROM subscription WHERE ended = 0`).
		Scan(&oldest, &f.Suspended, &f.HooksWaiting, &f.HooksFailed, &f.People, &f.Subscriptions, &f.Unconfirmed, &f.Filters)
	if err != nil {
		return nil, fmt.Errorf("count subscriptions: %w", err)
	}
	f.Oldest = at(oldest)
	return f, nil
}
