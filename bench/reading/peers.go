package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A peer is a program that is given file names, a tab and their address, one a
// line, and answers with one line of JSON for each: {"text": "…", "ms": 1.5}.
type peer struct {
	name string
	dir  string
	args []string
}

func (b *bench) peerList() []peer {
	out := []peer{
		{"go-trafilatura", "bench/reading/peers", []string{"go", "run", ".", "trafilatura"}},
		{"go-readability", "bench/reading/peers", []string{"go", "run", ".", "readability"}},
	}
	if b.python != "" {
		out = append(out, peer{"trafilatura (Python)", "bench/reading/peers", []string{b.python, "peers.py", "trafilatura"}},
			peer{"rs-trafilatura", "bench/reading/peers", []string{b.python, "peers.py", "rs_trafilatura"}})
	}
	return out
}

func (b *bench) runPeers(samples []sample) []extractor {
	var out []extractor
	for _, p := range b.peerList() {
		e, err := p.run(samples)
		if err != nil {
			fmt.Printf("%s left out: %v\n", p.name, err)
			continue
		}
		out = append(out, *e)
	}
	return out
}

func (p peer) run(samples []sample) (*extractor, error) {
	var in bytes.Buffer
	for i := range samples {
		fmt.Fprintf(&in, "%s\t%s\n", samples[i].file, samples[i].url)
	}
	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Dir, cmd.Stdin = p.dir, &in
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("%w: %s", err, lines[len(lines)-1])
	}
	e := &extractor{name: p.name}
	s := bufio.NewScanner(bytes.NewReader(out))
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		var r struct {
			Text string
			MS   float64
		}
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("its answer: %w", err)
		}
		e.texts = append(e.texts, r.Text)
		e.cpu += time.Duration(r.MS * float64(time.Millisecond))
	}
	if len(e.texts) != len(samples) {
		return nil, fmt.Errorf("it answered %d of %d pages", len(e.texts), len(samples))
	}
	return e, nil
}
