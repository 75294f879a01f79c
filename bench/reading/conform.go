package main

import "context"

func (b *bench) conform(ctx context.Context) error { return nil }
