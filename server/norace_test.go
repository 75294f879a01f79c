//go:build !race

package server

// sparser is for the race detector only, see race_test.go.
const sparser = 1
