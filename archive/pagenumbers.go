package archive

import (
	"context"
	"fmt"
)

// How pages keep their numbers where records are lost. Each closing record
// bears its page's number, which decides. Of a page of which nothing but a text
// has been read so far the number is guessed, until one of its records tells.

// numberPage sees to it that the page of a record, p, or nil if it is to be
// listed, gets the number that the record bears. Whatever page has it by a guess
// gets another one.
func (a *Archive) numberPage(ctx context.Context, tx *txn, e *entry, p *pageState) error {
	if e.page == 0 || p != nil && p.id == e.page {
		return nil
	}
	a.nextPage = max(a.nextPage, e.page+1)
	taken, err := pageTaken(ctx, tx, e.page)
	if err != nil {
		return err
	}
	if taken {
		if err := movePage(ctx, tx, e.page, a.nextPage); err != nil {
			return err
		}
		a.nextPage++
	}
	if p == nil {
		return nil
	}
	old := p.id
	p.id = e.page
	return movePage(ctx, tx, old, p.id)
}

// guessPage is the number that a page probably had whose first capture is lost:
// pages are numbered in the order of their first captures.
func (a *Archive) guessPage(ctx context.Context, tx *txn, first Seq) (id PageID, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) + 1 FROM page WHERE first_seq < $1`, first).Scan(&id); err != nil {
		return 0, fmt.Errorf("number of a page: %w", err)
	}
	taken, err := pageTaken(ctx, tx, id)
	if taken || err != nil {
		return 0, err
	}
	return id, nil
}

func pageTaken(ctx context.Context, tx *txn, id PageID) (bool, error) {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM page WHERE id = $1`, id).Scan(&n); err != nil {
		return false, fmt.Errorf("number of a page: %w", err)
	}
	return n > 0, nil
}

// movePage gives a page another number, with all that is listed of it.
func movePage(ctx context.Context, tx *txn, from, to PageID) error {
	// Until the transaction ends, captures may be listed under a number that no page has.
	if _, err := tx.ExecContext(ctx, `PRAGMA defer_foreign_keys = ON`); err != nil {
		return fmt.Errorf("number page %d as %d: %w", from, to, err)
	}
	for _, query := range []string{`UPDATE page SET id = $1 WHERE id = $2`, `UPDATE capture SET page = $1 WHERE page = $2`, `UPDATE version SET page = $1 WHERE page = $2`} {
		if _, err := tx.ExecContext(ctx, query, to, from); err != nil {
			return fmt.Errorf("number page %d as %d: %w", from, to, err)
		}
	}
	return nil
}
