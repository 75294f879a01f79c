package recent

import "testing"

func TestWhatWasUsedLongestAgoIsForgotten(t *testing.T) {
	m := New[string](10, func(s string) int64 { return int64(len(s)) })
	for _, key := range []string{"a", "b", "c", "d", "e"} {
		m.Put(key, "xx")
	}
	m.Get("a")
	m.Put("f", "yy")
	if _, ok := m.Get("a"); !ok {
		t.Error("a was used a moment ago and is gone")
	}
	if _, ok := m.Get("b"); ok {
		t.Error("b was used longest ago and is still there")
	}
	if got := m.Weight(); got != 10 {
		t.Errorf("all weigh %d, the bound is 10", got)
	}
}

func TestAValueTakesThePlaceOfTheOneBefore(t *testing.T) {
	m := New[int](100, func(s string) int64 { return int64(len(s)) })
	m.Put(1, "before")
	m.Put(1, "now")
	if got, _ := m.Get(1); got != "now" || m.Weight() != 3 {
		t.Errorf("got %q, weighing %d", got, m.Weight())
	}
	m.Drop(1)
	if _, ok := m.Get(1); ok || m.Weight() != 0 {
		t.Errorf("still there after Drop, or weighing %d", m.Weight())
	}
}

func TestAGiantDrivesNobodyOut(t *testing.T) {
	m := New[int](8, func(s string) int64 { return int64(len(s)) })
	m.Put(1, "a")
	m.Put(2, "giant")
	if _, ok := m.Get(2); ok {
		t.Error("it is more than a quarter of the bound and is kept")
	}
	if _, ok := m.Get(1); !ok {
		t.Error("it has driven out another")
	}
}
