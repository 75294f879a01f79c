package digest

import (
	"fmt"
	"time"
	_ "time/tzdata" // readers' zones, also where the system has none
)

// A Cadence says how often a subscriber is told.
type Cadence string

// The cadences. All but Now are due at the subscriber's hour, in their zone.
const (
	Now     Cadence = "now"     // whenever there is something to tell
	Daily   Cadence = "daily"   // every day
	Weekly  Cadence = "weekly"  // on Monday
	Monthly Cadence = "monthly" // on the first of the month
)

// Where and when a subscriber is told who did not say.
const (
	DefaultZone = "Europe/Brussels"
	DefaultAt   = "07:00"
)

func (c Cadence) valid() bool { return c == Now || c == Daily || c == Weekly || c == Monthly }

// clock reads a time of day such as "07:00".
func clock(s string) (hour, minute int, err error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != 5 {
		return 0, 0, fmt.Errorf("%q is not a time of day such as %q", s, DefaultAt)
	}
	return t.Hour(), t.Minute(), nil
}

// Next is the first moment after a time at which a digest is due: at the hour
// "15:04" in the zone, on the cadence's day. An hour that the zone skips in
// spring falls one hour later. With workdays no Saturday and no Sunday is one:
// a monthly digest then comes on the first working day. For Now it is the time
// itself, or after a weekend. An unknown zone or hour counts as the default.
func (c Cadence) Next(after time.Time, zone, at string, workdays bool) time.Time {
	h, m, err := clock(at)
	if err != nil {
		h, m, _ = clock(DefaultAt)
	}
	local := after.In(location(zone))
	if c == Now && !(workdays && weekend(local)) {
		return after
	}
	y, mon, day := local.Date()
	for n := 0; ; n++ {
		t := time.Date(y, mon, day+n, h, m, 0, 0, local.Location())
		if t.After(after) && c.on(t, workdays) {
			return t.UTC()
		}
	}
}

// on reports whether a day is one of the cadence's.
func (c Cadence) on(t time.Time, workdays bool) bool {
	switch {
	case workdays && weekend(t):
		return false
	case c == Weekly:
		return t.Weekday() == time.Monday
	case c == Monthly && workdays:
		return t.Day() == 1 || t.Weekday() == time.Monday && t.Day() <= 3
	case c == Monthly:
		return t.Day() == 1
	}
	return true
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// location is a zone by name; the default, and then UTC, if there is none such.
func location(zone string) *time.Location {
	for _, name := range []string{zone, DefaultZone} {
		if name == "" || name == "Local" {
			continue
		}
		if l, err := time.LoadLocation(name); err == nil {
			return l
		}
	}
	return time.UTC
}
