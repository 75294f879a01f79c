package main

import (
	"fmt"
	"time"
)

// timeForms are the forms in which a time may be given.
var timeForms = []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"}

// parseTime reads a time, UTC unless it says otherwise; empty text is fallback.
func parseTime(text string, fallback time.Time) (time.Time, error) {
	if text == "" {
		return fallback.UTC(), nil
	}
	for _, form := range timeForms {
		if t, err := time.Parse(form, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time; write 2026-03-01 or 2026-03-01T09:30:00Z", text)
}
