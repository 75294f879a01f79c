package main

import "context"

func (b *bench) laws(ctx context.Context) error { return nil }
