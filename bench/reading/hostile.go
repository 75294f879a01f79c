package main

import "context"

func (b *bench) hostile(ctx context.Context) error { return nil }
