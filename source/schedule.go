package source

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"
	_ "time/tzdata" // so that zones are known where the machine has no list of them

	"github.com/robfig/cron/v3"
)

// DefaultEvery is how often a source is looked at that gives no schedule.
const DefaultEvery = 24 * time.Hour

// maxJitter is the longest wait after the time that a cron expression gives.
const maxJitter = 5 * time.Minute

// A Schedule says when an address is due: at a regular interval, or at the
// times of a cron expression. The zero value is every DefaultEvery.
type Schedule struct {
	// Every is the interval; 0 if there is a cron expression.
	Every time.Duration
	text  string
	cron  *cron.SpecSchedule // times on the wall clock, as if in UTC
	zone  *time.Location     // nil: UTC
}

// ParseSchedule reads "@every 6h", or a cron expression of five fields
// (minute, hour, day of month, month, day of week with Sunday 0) or one of
// @hourly @daily @weekly @monthly @yearly, with "CRON_TZ=Europe/Brussels " in
// front if its times are not in UTC. An interval is at least a second. An
// expression that never comes, such as 31 February, is an error.
func ParseSchedule(text string) (Schedule, error) { return parseSchedule(text, nil) }

func parseSchedule(text string, zone *time.Location) (Schedule, error) {
	spec := strings.TrimSpace(text)
	if every, ok := strings.CutPrefix(spec, "@every"); ok {
		return parseEvery(strings.TrimSpace(every))
	}
	s := Schedule{text: spec, zone: zone}
	if strings.HasPrefix(spec, "CRON_TZ=") || strings.HasPrefix(spec, "TZ=") {
		name, rest, _ := strings.Cut(spec, " ")
		_, name, _ = strings.Cut(name, "=")
		loc, err := time.LoadLocation(name)
		if err != nil || name == "" || name == "Local" {
			return Schedule{}, fmt.Errorf("unknown time zone %q", name)
		}
		s.zone, spec = loc, strings.TrimSpace(rest)
	}
	if spec == "" {
		return Schedule{}, errors.New("no times given")
	}
	var err error
	if s.cron, err = parseCron(spec); err != nil {
		return Schedule{}, err
	}
	if s.cron.Next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Schedule{}, fmt.Errorf("%q never comes", spec)
	}
	return s, nil
}

func parseEvery(text string) (Schedule, error) {
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return Schedule{}, fmt.Errorf("%q is not a duration", text)
	case d < time.Second:
		return Schedule{}, fmt.Errorf("%s is less than a second", text)
	}
	return Schedule{Every: d, text: "@every " + text}, nil
}

// parseCron reads the part of an expression after the time zone. The cron
// parser is known to panic on some wrong zones, which are kept from it; the
// recover is there in case it has more such holes.
func parseCron(spec string) (parsed *cron.SpecSchedule, err error) {
	defer func() {
		if r := recover(); r != nil {
			parsed, err = nil, fmt.Errorf("%q is not a cron expression", spec)
		}
	}()
	parser := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	if strings.Contains(spec, "TZ=") {
		return nil, errors.New("more than one time zone")
	}
	schedule, err := parser.Parse(spec)
	if err != nil {
		return nil, fmt.Errorf("%q is not a cron expression: %w", spec, err)
	}
	parsed, ok := schedule.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("%q is not a cron expression", spec)
	}
	parsed.Location = time.UTC
	return parsed, nil
}

// Next returns the first time after the given one at which key, usually the
// address of a page, is due. It is always later than after.
//
// So that not everything is due at once, the time is moved by an amount that
// depends on key and time only: by up to a fifth of the interval, either way;
// after the time of a cron expression, by up to five minutes or a fifth of
// what is left until its next time. An empty key is not moved.
//
// A cron time that the clock skips in spring comes an hour later on that day;
// one that the clock repeats in autumn comes once.
func (s Schedule) Next(after time.Time, key string) time.Time {
	if s.cron != nil {
		return s.nextCron(after, key)
	}
	every := s.Every
	if every <= 0 {
		every = DefaultEvery
	}
	shift := time.Duration((2*share(key, after) - 1) * float64(every) / 5)
	if key == "" {
		shift = 0
	}
	return after.Add(every + shift)
}

func (s Schedule) nextCron(after time.Time, key string) time.Time {
	due, wall := s.tick(after, wallClock(after, s.zone))
	if key == "" {
		return due
	}
	following, _ := s.tick(due, wall)
	room := min(maxJitter, following.Sub(due)/5)
	return due.Add(time.Duration(share(key, due) * float64(room)))
}

// tick returns the first cron time after both a time and a wall clock.
func (s Schedule) tick(after, wall time.Time) (due, dueWall time.Time) {
	zone := s.zone
	if zone == nil {
		zone = time.UTC
	}
	for range 100 {
		next := s.cron.Next(wall)
		if next.IsZero() {
			break // a leap day that a century leaves out
		}
		wall = next
		due = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
		if due.Hour() != wall.Hour() {
			due = time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour()+1, wall.Minute(), 0, 0, zone)
		}
		if first := due.Add(-time.Hour); first.Hour() == due.Hour() {
			due = first // of the two that the clock shows
		}
		if due.After(after) {
			return due.UTC(), wall
		}
	}
	return after.AddDate(1, 0, 0), wall
}

// wallClock returns what a clock in zone shows at t, as a time in UTC.
func wallClock(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		return t.UTC()
	}
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// share is a number in [0, 1) that depends on key and time only.
func share(key string, t time.Time) float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", key, t.Unix())
	// The lower bits of FNV are mixed worse than the upper ones of a product.
	return float64(h.Sum64()*0x9E3779B97F4A7C15>>11) / (1 << 53)
}

// String returns the schedule as it is written in sources.yaml.
func (s Schedule) String() string {
	switch {
	case s.text != "":
		return s.text
	case s.Every > 0:
		return "@every " + s.Every.String()
	}
	return "@every " + DefaultEvery.String()
}
