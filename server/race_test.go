//go:build race

package server

// sparser thins out tests of very many requests that the race detector would
// make take minutes; without it all are made.
const sparser = 8
