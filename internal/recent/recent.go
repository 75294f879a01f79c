// Package recent keeps what was used last, up to a bound.
package recent

import (
	"container/list"
	"sync"
)

// A Map keeps values by key and forgets those that were used longest ago, so
// that all together weigh no more than a bound. A value that weighs more than a
// quarter of it is not kept at all: it would drive out everything else. It may be
// used concurrently; values are shared, and must not be modified.
type Map[K comparable, V any] struct {
	most  int64
	weigh func(V) int64

	mu     sync.Mutex // guards all below
	order  list.List  // of item[K, V], the latest used in front
	at     map[K]*list.Element
	weight int64
}

type item[K comparable, V any] struct {
	key    K
	value  V
	weight int64
}

// New returns an empty map. most bounds the sum of what weigh says of the values
// that are kept; whatever it weighs, such as bytes, is the caller's to choose.
func New[K comparable, V any](most int64, weigh func(V) int64) *Map[K, V] {
	return &Map[K, V]{most: most, weigh: weigh, at: map[K]*list.Element{}}
}

// Get returns the value of a key, if it is kept.
func (m *Map[K, V]) Get(key K) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.at[key]
	if e == nil {
		return value, false
	}
	m.order.MoveToFront(e)
	return e.Value.(item[K, V]).value, true
}

// Put keeps a value in place of the one that the key had.
func (m *Map[K, V]) Put(key K, value V) {
	weight := m.weigh(value)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(m.at[key])
	if weight > m.most/4 {
		return
	}
	m.at[key] = m.order.PushFront(item[K, V]{key, value, weight})
	for m.weight += weight; m.weight > m.most; {
		m.drop(m.order.Back())
	}
}

// Drop forgets a key.
func (m *Map[K, V]) Drop(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(m.at[key])
}

// Clear forgets all keys.
func (m *Map[K, V]) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order.Init()
	clear(m.at)
	m.weight = 0
}

// Weight is what all values that are kept weigh together.
func (m *Map[K, V]) Weight() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.weight
}

func (m *Map[K, V]) drop(e *list.Element) {
	if e == nil {
		return
	}
	it := e.Value.(item[K, V])
	delete(m.at, it.key)
	m.order.Remove(e)
	m.weight -= it.weight
}
