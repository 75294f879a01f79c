package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"veille/archive"
	"veille/digest"
)

// A size is how many bytes one change more adds to a mail in headline density.
type size struct {
	Lang             string
	Text, HTML, Wire int
	Few, Many        int // changes in the mails that were compared
}

// The publishers that readers subscribe to whose mails are compared.
const few, many = 1, 9

// sizer is the address of a reader of so many publishers.
func sizer(lang string, n int) string { return fmt.Sprintf("%s%d@example.org", lang, n) }

// subscribeSizes makes a reader of few and one of many changes in each language,
// each with a second subscription: so each change says why it is told.
func (b *bed) subscribeSizes(ctx context.Context, a *archive.Archive) error {
	d, err := b.digester(a, "size")
	if err != nil {
		return err
	}
	defer d.Store.Close()
	var reqs []digest.Request
	for _, lang := range digest.Langs {
		for _, n := range []int{few, many} {
			var sources []string
			for p := range n {
				sources = append(sources, fmt.Sprintf("publisher-%02d", p))
			}
			for _, query := range []string{"days", "nothingofthekind"} {
				req := digest.Request{Email: sizer(lang, n), Lang: lang, Filter: digest.Filter{Query: query, Sources: sources}}
				req.Cadence, req.Density = digest.Daily, digest.Headlines
				reqs = append(reqs, req)
			}
		}
	}
	_, err = d.AddAllConfirmed(ctx, reqs)
	return err
}

// size sends the mails and compares them.
func (b *bed) size(ctx context.Context, a *archive.Archive) (sizes []size, err error) {
	d, err := b.digester(a, "size")
	if err != nil {
		return nil, err
	}
	defer d.Store.Close()
	server, err := listen()
	if err != nil {
		return nil, err
	}
	defer server.stop()
	smtp, err := digest.NewSMTP("smtp://"+server.addr, d.From)
	if err != nil {
		return nil, err
	}
	defer smtp.Close()
	d.Mailer = smtp
	rep, err := d.Sync(ctx, digest.Options{Now: true})
	if err != nil {
		return nil, err
	}
	mails := map[string]*digest.Mail{}
	for _, m := range rep.Mails {
		if mails[m.To], err = d.Store.Mail(ctx, m.ID); err != nil {
			return nil, err
		}
	}
	for _, lang := range digest.Langs {
		small, large := mails[sizer(lang, few)], mails[sizer(lang, many)]
		if small == nil || large == nil {
			return nil, fmt.Errorf("no mail in %s", lang)
		}
		wire := func(m *digest.Mail) int {
			n, _ := server.bytes.Load(m.To)
			return int(n.(int64))
		}
		s := size{Lang: lang, Few: len(small.Changes), Many: len(large.Changes)}
		more := s.Many - s.Few
		s.Text, s.HTML, s.Wire = (len(large.Text)-len(small.Text))/more, (len(large.HTML)-len(small.HTML))/more, (wire(large)-wire(small))/more
		sizes = append(sizes, s)
	}
	return sizes, nil
}

// sizes prints what a change takes in headline density.
func (b *bed) sizes() error {
	r, err := b.sub("size")
	if err != nil {
		return fmt.Errorf("size: %w", err)
	}
	fmt.Println("\none change more in headline density, bytes:")
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "language\tchanges\ttext\tHTML\twhole mail, encoded\tlimit\t")
	for _, s := range r.Sizes {
		fmt.Fprintf(w, "%s\t%d → %d\t%d\t%d\t%d\t1024\t\n", s.Lang, s.Few, s.Many, s.Text, s.HTML, s.Wire)
	}
	return w.Flush()
}
