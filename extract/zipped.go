package extract

import (
	"context"
	"strings"
)

// A zippedXML reads a ZIP archive that holds one XML document, as
// gesetze-im-internet.de gives its laws. Pictures may lie beside it.
type zippedXML struct{ name string }

// zipped is a reader of the ZIP archive at hand, nil if it holds anything but
// one XML document.
func (in *input) zipped() reader {
	z, err := openZip(in.body)
	if err != nil {
		return nil
	}
	name := ""
	for _, f := range z.r.File {
		switch lower := strings.ToLower(f.Name); {
		case strings.HasSuffix(lower, ".xml") && name == "":
			name = f.Name
		case strings.HasSuffix(lower, ".gif"), strings.HasSuffix(lower, ".jpg"), strings.HasSuffix(lower, ".jpeg"), strings.HasSuffix(lower, ".png"),
			strings.HasSuffix(lower, ".dtd"), strings.HasSuffix(lower, "/"):
		default:
			return nil
		}
	}
	if name == "" {
		return nil
	}
	return zippedXML{name}
}

func (r zippedXML) read(ctx context.Context, in *input) (*document, error) {
	z, err := openZip(in.body)
	if err != nil {
		return nil, err
	}
	x, err := z.part(ctx, r.name)
	if err != nil {
		return nil, err
	}
	return readXML(ctx, x)
}
