package server

import (
	"testing"
	"time"
)

// TestSaying: numbers, periods, schedules and times of day as each language
// writes them.
func TestSaying(t *testing.T) {
	tongues, err := loadTongues()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 6, 6, 0, 0, 0, time.UTC)
	for _, x := range []struct{ lang, got, want string }{
		{"en", tongues["en"].Number(128.8), "128.8"},
		{"de", tongues["de"].Number("128.8"), "128,8"},
		{"en", tongues["en"].Number(1234), "1234"},
		{"en", tongues["en"].Number(1234567), "1,234,567"},
		{"nl", tongues["nl"].Number(45678), "45.678"},
		{"fr", tongues["fr"].Number("12345.6 kB"), "12\u202f345,6 kB"},
		{"en", tongues["en"].Number("–"), "–"},
		{"fr", tongues["fr"].Period("2026-03-05"), "5 mars 2026"},
		{"de", tongues["de"].Period("2026-03"), "März 2026"},
		{"nl", tongues["nl"].Period("2026-Q1"), "2026-Q1"},
		{"en", tongues["en"].Schedule("@every 1h"), "every hour"},
		{"fr", tongues["fr"].Schedule("@every 6h"), "toutes les 6 heures"},
		{"nl", tongues["nl"].Schedule("@every 168h"), "om de 7 dagen"},
		{"en", tongues["en"].Schedule("@every 90m"), "every 90 minutes"},
		{"de", tongues["de"].Schedule("40 5 * * 1"), "Montag um 05:40 UTC"},
		{"en", tongues["en"].Schedule("CRON_TZ=Europe/Brussels 0 9 * * *"), "every day at 09:00 Europe/Brussels"},
		{"en", tongues["en"].Schedule("10 6 1 * *"), "on day 1 of the month at 06:10 UTC"},
		{"en", tongues["en"].Schedule("30 8,12,17 * * 1-5"), "30 8,12,17 * * 1-5"},
		{"en", tongues["en"].Schedule("0 0 1 1 *"), "0 0 1 1 *"},
		{"en", tongues["en"].Local(at, "Europe/Brussels"), "6 March 2026, 07:00 CET"},
		{"en", tongues["en"].Local(at, "Nowhere/Else"), "6 March 2026, 06:00 UTC"},
		{"", blank("A capacity of …."), "A capacity of […]."},
		{"", blank("[...] capacity of … places."), "… capacity of […] places."},
	} {
		if x.got != x.want {
			t.Errorf("%s: %q, want %q", x.lang, x.got, x.want)
		}
	}
}
