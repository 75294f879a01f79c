package diff

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"veille/archive"
)

// law makes a law of about so many words, in articles of three paragraphs.
func law(words int) *archive.Version {
	r := rand.New(rand.NewPCG(7, 8))
	vocabulary := make([]string, 3000)
	for i := range vocabulary {
		vocabulary[i] = fmt.Sprintf("w%s%s", strings.Repeat("a", i%4), fmt.Sprint(i)[:1]) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
	}
	short := []string{"the", "of", "a", "may", "shall", "not", "in", "to", "within", "30", "days", "if"}
	v := &archive.Version{ID: 1, Lang: "en", Title: "A law"}
	for n, art := 0, 1; n < words; art++ {
		name := fmt.Sprintf("Art. %d", art)
		v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Heading, Role: archive.Main, Level: 3, Text: name})
		for range 3 {
			var s []string
			for range 30 + r.IntN(30) {
				if r.IntN(2) == 0 {
					s = append(s, short[r.IntN(len(short))])
				} else {
					s = append(s, vocabulary[r.IntN(len(vocabulary))])
				}
				if r.IntN(15) == 0 {
					s[len(s)-1] += ". The"
				}
			}
			n += len(s)
			v.Blocks = append(v.Blocks, archive.Block{Kind: archive.Paragraph, Role: archive.Main, Path: []string{name}, Text: strings.Join(s, " ") + "."})
		}
	}
	return v
}

// amended changes a share of the paragraphs, a few words in each.
func amended(v *archive.Version, share float64) *archive.Version {
	r := rand.New(rand.NewPCG(9, 10))
	out := *v
	out.ID = 2
	out.Blocks = append([]archive.Block{}, v.Blocks...)
	for i := range out.Blocks {
		if b := &out.Blocks[i]; b.Kind == archive.Paragraph && r.Float64() < share {
			s := strings.Fields(b.Text)
			for range 1 + r.IntN(4) {
				s[r.IntN(len(s))] = []string{"must", "amended", "45", "unless", "Minister"}[r.IntN(5)]
			}
			b.Text = strings.Join(s, " ")
		}
	}
	return &out
}

// renumbered gives every article another number and swaps two halves.
func renumbered(v *archive.Version) *archive.Version {
	out := *v
	half := len(v.Blocks) / 8 * 4
	out.Blocks = append(append([]archive.Block{}, v.Blocks[half:]...), v.Blocks[:half]...)
	for i := range out.Blocks {
		if b := &out.Blocks[i]; b.Kind == archive.Heading {
			b.Text = fmt.Sprintf("Art. %d", 1000+i)
		}
	}
	return &out
}

func BenchmarkBetween(b *testing.B) {
	for _, words := range []int{2_000, 20_000, 200_000} {
		old := law(words)
		other := law(words)
		for i := range other.Blocks {
			other.Blocks[i].Text = strings.ReplaceAll(other.Blocks[i].Text, "w", "x")
		}
		for _, x := range []struct {
			name string
			new  *archive.Version
		}{
			{"same", law(words)}, {"1%", amended(old, 0.01)}, {"10%", amended(old, 0.1)}, {"all", amended(old, 1)},
			{"renumbered", renumbered(old)}, {"unlike", other},
		} {
			b.Run(fmt.Sprintf("%dwords/%s", words, x.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					Between(old, x.new)
				}
			})
		}
	}
}

// BenchmarkOneWordBlocks is the worst that a page can be.
func BenchmarkOneWordBlocks(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		old, new := &archive.Version{Lang: "en"}, &archive.Version{Lang: "en"}
		for i := range n {
			old.Blocks = append(old.Blocks, archive.Block{Role: archive.Main, Text: fmt.Sprint("w", i*7919%n)})
			new.Blocks = append(new.Blocks, archive.Block{Role: archive.Main, Text: fmt.Sprint("w", i*104729%n)})
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				Between(old, new)
			}
		})
	}
}

func BenchmarkWords(b *testing.B) {
	old := law(20_000)
	new := amended(old, 1)
	before, after := strings.Join(texts(old.Blocks), " "), strings.Join(texts(new.Blocks), " ")
	for b.Loop() {
		compareWords(before, after).words()
	}
}
