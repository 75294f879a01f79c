package digest

import (
	"context"
	"database/sql"
	"net/netip"
	"strings"
	"time"
)

// How many confirmations may wait that nobody has used: so many in a day for
// one address, so many in an hour for one domain and for one who asks. They
// keep this instance from being used to flood a stranger's mailbox, or one
// provider's.
const (
	ConfirmsADay      = 5
	ConfirmsADomain   = 60
	ConfirmsFromOne   = 20
	confirmsPerPerson = 24 * time.Hour
	confirmsPerOther  = time.Hour
)

// MaxSubscriptions is how many subscriptions one person may have. Those that were
// never confirmed do not count: they could be somebody else's doing.
const MaxSubscriptions = 100

// maxHeld is how many bytes the filters, names and notes of one person may have
// in all, maxFilter those of one filter.
const maxHeld, maxFilter = 256 << 10, 32 << 10

// room refuses what would give a person more than one may have; it is asked after
// that was written, in the same transaction. Its error is ErrFull.
func room(ctx context.Context, tx *sql.Tx, person int64) error {
	var n, held int
	err := tx.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(length(CAST(filter || name || note AS BLOB))), 0) FROM subscription
		WHERE person = $1 AND confirmed > 0 AND ended = 0`, person).Scan(&n, &held)
	if err == nil && (n > MaxSubscriptions || held > maxHeld) {
		err = ErrFull
	}
	return err
}

// limit refuses a request if too many like it wait. What is counted are keyed
// hashes: who asked for what cannot be read back.
func (s *Store) limit(ctx context.Context, tx *sql.Tx, email string, asker netip.Addr, now time.Time) error {
	for _, l := range []struct {
		column string
		hash   []byte
		within time.Duration
		most   int
		err    error
	}{
		{"email_hash", s.emailHash(email), confirmsPerPerson, ConfirmsADay, ErrTooMany},
		{"domain_hash", s.domainHash(email), confirmsPerOther, ConfirmsADomain, ErrTooManyAtDomain},
		{"asker_hash", s.askerHash(asker), confirmsPerOther, ConfirmsFromOne, ErrTooManyFromYou},
	} {
		if l.hash == nil {
			continue
		}
		var n int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM confirmation WHERE `+l.column+` = $1 AND created > $2 AND used = 0`,
			l.hash, ms(now.Add(-l.within))).Scan(&n)
		if err != nil {
			return err
		}
		if n >= l.most {
			return l.err
		}
	}
	return nil
}

// emailHash lets requests to a mailbox be counted after the address is erased.
func (s *Store) emailHash(email string) []byte { return s.mac("email:" + mailbox(email)) }

// mailbox is an address without what most providers let anybody add to it: what
// stands behind a plus, and at Google dots. So a stranger's mailbox cannot be
// flooded under ever other spellings of its address.
func mailbox(email string) string {
	local, domain, _ := strings.Cut(addressKey(email), "@")
	if bare, _, tagged := strings.Cut(local, "+"); tagged && bare != "" {
		local = bare
	}
	if domain == "gmail.com" || domain == "googlemail.com" {
		local, domain = strings.ReplaceAll(local, ".", ""), "gmail.com"
	}
	return local + "@" + domain
}

func (s *Store) domainHash(email string) []byte {
	_, domain, _ := strings.Cut(addressKey(email), "@")
	return s.mac("domain:" + domain)
}

// askerHash stands for who asks: one IPv4 address, or one IPv6 network of 64
// bits, which is what one household has; nil if it is not known.
func (s *Store) askerHash(a netip.Addr) []byte {
	if !a.IsValid() || a.IsLoopback() {
		return nil
	}
	if a = a.Unmap(); a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return s.mac("asker:" + p.String())
		}
	}
	return s.mac("asker:" + a.String())
}
