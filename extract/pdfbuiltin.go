package extract

import (
	"context"
	"errors"

	"veille/extract/pdftext"
)

// builtinPDF reads a PDF without help from outside.
func builtinPDF(ctx context.Context, body []byte) ([]pdfPage, error) {
	var pages []pdfPage
	err := pdftext.Read(ctx, body, func(p pdftext.Page) error {
		pages = append(pages, arrangePage(&p))
		return nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, errPDFTime
	}
	return pages, err
}

// errEncrypted and the others are said alike by both readers.
var (
	errEncrypted = pdftext.ErrEncrypted
	errDamaged   = pdftext.ErrDamaged
	errPDFSize   = pdftext.ErrTooLarge
)
