package main

import "testing"

func TestASmallHeapMayGrowAndALargeOneIsKeptSmall(t *testing.T) {
	tests := []struct {
		live uint64
		want int
	}{
		{0, 200}, {20 << 20, 200}, {128 << 20, 200}, {192 << 20, 100}, {256 << 20, 50}, {320 << 20, 50}, {384 << 20, 25}, {400 << 20, 20}, {2 << 30, 20},
	}
	for _, test := range tests {
		if got := spareFor(test.live); got != test.want {
			t.Errorf("beside %d MB in use: %d %%, want %d %%", test.live>>20, got, test.want)
		}
	}
}
