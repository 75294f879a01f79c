package main

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A server is `veille serve` at work.
type server struct {
	cmd      *exec.Cmd
	pid      int
	url      string
	client   *http.Client
	scripts  map[string]float64
	profiles string  // where Go's tools see what it does
	first    float64 // ms, for the first page after the start
	firstCPU float64 // ms, until it was there
}

// freeAddress is one of this machine at which nobody listens.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// start starts it and asks for its first page.
func (b *bed) start(ctx context.Context, program, data, sources string) (*server, error) {
	listen, err := freeAddress()
	if err != nil {
		return nil, err
	}
	profiles, err := freeAddress()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "serve", "--listen", listen, "--profile-listen", profiles, "--data", data, "--sources", sources)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, pid: cmd.Process.Pid, url: "http://" + listen, profiles: "http://" + profiles + "/debug/pprof/", scripts: map[string]float64{},
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1000},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	for began := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if a, err := s.get(ctx, "/healthz"); err == nil && a.code == http.StatusOK {
			break
		} else if ctx.Err() != nil || time.Since(began) > time.Minute {
			return nil, fmt.Errorf("veille serve does not answer: %w", err)
		}
	}
	a, err := s.get(ctx, "/")
	if err == nil {
		s.first, s.firstCPU = a.ms, s.cpu()
	}
	return s, err
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// settle waits until the server has nothing to do of itself, and says how long
// that took, and how much memory it has then.
func (s *server) settle(ctx context.Context) string {
	began := time.Now()
	for quiet := 0; quiet < 3 && ctx.Err() == nil && time.Since(began) < 10*time.Minute; {
		before := s.cpu()
		time.Sleep(300 * time.Millisecond)
		if quiet++; s.cpu()-before > 15 {
			quiet = 0
		}
	}
	return fmt.Sprintf("%.1f s, having used %.1f s of processor and %.0f MB", time.Since(began).Seconds(), s.cpu()/1000, s.memory())
}

// cpu is how much processor time the server has taken, in ms: to the nanosecond
// of each of its threads where the kernel tells that.
func (s *server) cpu() float64 {
	if ms := s.scheduled(); ms > 0 {
		return ms
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return (user + system) * 10 // the kernel counts in hundredths of a second
}

// scheduled is how long its threads have been on a processor, in ms.
func (s *server) scheduled() (ms float64) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.pid))
	if err != nil {
		return 0
	}
	for _, name := range threads {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		first, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseFloat(first, 64)
		if err == nil {
			ms += ns / 1e6
		}
	}
	return ms
}

// memory is what it has at most had, in MB.
func (s *server) memory() float64 { return s.status("VmHWM") }

// ownMemory is what it has now, in MB, without the files that it sees as memory:
// those the kernel takes back when somebody needs the room.
func (s *server) ownMemory() float64 { return s.status("RssAnon") }

// status is what the kernel says of it, in MB.
func (s *server) status(name string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kb float64
		if _, err := fmt.Sscanf(line, name+": %f kB", &kb); err == nil {
			return kb / 1024
		}
	}
	return 0
}

// An answer as it came.
type answer struct {
	code     int
	ms       float64
	gz, html float64 // bytes
	body     string
}

func (s *server) get(ctx context.Context, path string) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	began := time.Now()
	res, err := s.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	took := float64(time.Since(began).Microseconds()) / 1000
	if err != nil {
		return nil, err
	}
	a := &answer{code: res.StatusCode, ms: took, gz: float64(len(raw)), html: float64(len(raw)), body: string(raw)}
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(strings.NewReader(a.body))
		if err != nil {
			return nil, err
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			return nil, err
		}
		a.html, a.body = float64(len(plain)), string(plain)
	}
	return a, nil
}

// A result is what the addresses of a kind took.
type result struct {
	kind             kind
	took             []float64 // ms, sorted
	cpu              []float64 // ms of processor, sorted
	html, gz, script float64   // bytes, at most
	paint, shift     float64   // ms, and of the window; at most
	longest          string
	firstURL         string
}

// measure asks for each address once.
func (s *server) measure(ctx context.Context, k kind) (*result, error) {
	r := &result{kind: k, firstURL: k.urls[len(k.urls)/2]}
	var answers []*answer
	for _, path := range k.urls {
		before := s.cpu()
		a, err := s.get(ctx, path)
		if err != nil {
			return nil, err
		}
		r.cpu = append(r.cpu, s.cpu()-before)
		if a.code != http.StatusOK {
			return nil, fmt.Errorf("%s: status %d", path, a.code)
		}
		r.took, answers = append(r.took, a.ms), append(answers, a)
		if a.html > r.html {
			r.html, r.longest = a.html, path
		}
		r.gz = max(r.gz, a.gz)
	}
	slices.Sort(r.took)
	slices.Sort(r.cpu)
	for _, a := range answers {
		size, err := s.scriptsOf(ctx, a.body)
		if err != nil {
			return nil, err
		}
		r.script = max(r.script, size)
	}
	return r, nil
}

var scriptTag = regexp.MustCompile(`<script[^>]*\ssrc="(/assets/[^"]+)"`)

// scriptsOf is the size of the scripts that a page loads, in bytes.
func (s *server) scriptsOf(ctx context.Context, body string) (sum float64, err error) {
	for _, m := range scriptTag.FindAllStringSubmatch(body, -1) {
		if _, ok := s.scripts[m[1]]; !ok {
			a, err := s.get(ctx, m[1])
			if err != nil {
				return 0, err
			}
			s.scripts[m[1]] = a.html
		}
		sum += s.scripts[m[1]]
	}
	return sum, nil
}

// at is the value below which a share of sorted ones lies.
func at(list []float64, share float64) float64 {
	return list[min(len(list)-1, int(float64(len(list))*share))]
}

func mean(list []float64) (sum float64) {
	for _, x := range list {
		sum += x / float64(len(list))
	}
	return sum
}

// shown are the addresses that a browser looks at: one, and the longest.
func (r *result) shown() []string {
	if r.longest == r.firstURL {
		return []string{r.firstURL}
	}
	return []string{r.firstURL, r.longest}
}

// faults are the figures that are over their limit.
func (r *result) faults() (out []string) {
	for _, f := range []struct {
		name       string
		got, limit float64
	}{{"time", at(r.took, .95), limitTime}, {"HTML", r.html, limitHTML}, {"script", r.script, limitScript}, {"paint", r.paint, limitPaint}, {"shift", r.shift, 0}} {
		if f.got > f.limit && (r.kind.page || f.name == "time") {
			out = append(out, f.name+" over")
		}
	}
	return out
}
