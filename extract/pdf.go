package extract

import (
	"context"

	"veille/archive"
)

func (t *Text) readPDF(ctx context.Context, c *archive.Capture) { t.fail("no PDF") }
