package digest

import (
	"strings"
	"testing"
	"time"
)

// workdays marks a cadence that leaves weekends out.
const workdays = " on workdays"

func TestNext(t *testing.T) {
	for _, c := range []struct {
		cadence         Cadence
		after, zone, at string
		want            string
	}{
		{Now, "2026-03-02T08:00:00Z", "", "", "2026-03-02T08:00:00Z"},
		{Daily, "2026-03-02T05:59:00Z", "", "", "2026-03-02T06:00:00Z"},
		{Daily, "2026-03-02T06:00:00Z", "", "", "2026-03-03T06:00:00Z"},
		{Daily, "2026-03-28T06:00:00Z", "", "", "2026-03-29T05:00:00Z"},      // summer time begins
		{Daily, "2026-10-24T05:00:00Z", "", "", "2026-10-25T06:00:00Z"},      // and ends
		{Daily, "2026-03-28T02:00:00Z", "", "02:30", "2026-03-29T01:30:00Z"}, // an hour that is not there
		{Daily, "2026-03-02T06:00:00Z", "America/New_York", "18:30", "2026-03-02T23:30:00Z"},
		{Weekly, "2026-03-02T05:00:00Z", "", "", "2026-03-02T06:00:00Z"}, // a Monday
		{Weekly, "2026-03-02T06:00:00Z", "", "", "2026-03-09T06:00:00Z"},
		{Weekly, "2026-03-01T23:30:00Z", "", "00:15", "2026-03-08T23:15:00Z"}, // Monday there, Sunday in UTC
		{Monthly, "2026-03-01T06:00:00Z", "", "", "2026-04-01T05:00:00Z"},
		{Monthly, "2026-12-31T12:00:00Z", "", "", "2027-01-01T06:00:00Z"},
		{Daily, "2026-03-02T05:00:00Z", "Nowhere/Land", "99:99", "2026-03-02T06:00:00Z"}, // the defaults
		// On working days only.
		{Daily + workdays, "2026-03-05T06:00:00Z", "", "", "2026-03-06T06:00:00Z"},
		{Daily + workdays, "2026-03-06T06:00:00Z", "", "", "2026-03-09T06:00:00Z"},
		{Now + workdays, "2026-03-06T22:00:00Z", "", "", "2026-03-06T22:00:00Z"},
		{Now + workdays, "2026-03-06T23:30:00Z", "", "", "2026-03-09T06:00:00Z"}, // Saturday there
		{Monthly + workdays, "2026-02-20T06:00:00Z", "", "", "2026-03-02T06:00:00Z"},
		{Monthly + workdays, "2026-03-20T06:00:00Z", "", "", "2026-04-01T05:00:00Z"},
	} {
		after, _ := time.Parse(time.RFC3339, c.after)
		cadence, only := strings.CutSuffix(string(c.cadence), workdays)
		if got := Cadence(cadence).Next(after, c.zone, c.at, only).Format(time.RFC3339); got != c.want {
			t.Errorf("%s after %s in %q at %q: got %s, want %s", c.cadence, c.after, c.zone, c.at, got, c.want)
		}
	}
}

func TestBackoff(t *testing.T) {
	for attempts, want := range map[int]time.Duration{0: time.Minute, 1: time.Minute, 2: 2 * time.Minute, 5: 16 * time.Minute, 9: 4 * time.Hour, 1000: 4 * time.Hour} {
		if got := backoff(attempts); got != want {
			t.Errorf("after %d attempts: %s, want %s", attempts, got, want)
		}
	}
}
