package main

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// The tests TestOthers… ask other tools what they think of our files. Each skips, saying
// why, where its tool is missing. The tools are looked for in the folder
// VEILLE_TOOLS (.ci/run fills it: a Python environment in venv, jwarc.jar, and
// ReplayWeb.page in replaywebpage), and the Python ones also on the PATH.

// tool is the path of a program, or the test is skipped.
func tool(t *testing.T, name string) string {
	t.Helper()
	if dir := os.Getenv("VEILLE_TOOLS"); dir != "" {
		if p := filepath.Join(dir, "venv", "bin", name); exists(p) {
			return p
		}
	}
	p, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: neither under VEILLE_TOOLS nor on the PATH", name)
	}
	return p
}

// toolFile is a file under VEILLE_TOOLS, or the test is skipped.
func toolFile(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("VEILLE_TOOLS")
	if dir == "" {
		t.Skipf("VEILLE_TOOLS does not name a folder with %s", name)
	}
	p := filepath.Join(dir, name)
	if !exists(p) {
		t.Skipf("%s is not there: its registry could not be reached", p)
	}
	return p
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// output is what a program prints; it must succeed.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = t.TempDir() // some leave things where they are started
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestOthersWarcio(t *testing.T) {
	warcio := tool(t, "warcio")
	o := archiveOfOddities(t)
	for _, files := range [][]string{o.warc, {part(t, o.export("all.wacz", "wacz", "--all"), "archive/data.warc.gz")}} {
		checked := output(t, warcio, append([]string{"check", "-v"}, files...)...) // fails if any digest is wrong
		for _, bad := range []string{"failed", "no digest", "exception", "not checked\n"} {
			if strings.Contains(checked, bad) {
				t.Errorf("warcio check says %q:\n%s", bad, checked)
			}
		}
		passed, revisits := strings.Count(checked, "digest pass"), strings.Count(checked, "not checked (revisit)")
		index := output(t, warcio, append([]string{"index", "-f", "offset,warc-type,http:status"}, files...)...)
		if n := strings.Count(index, "\n"); passed+revisits != n || revisits < 6 {
			t.Errorf("%d records pass and %d are revisits, of %d\n%s", passed, revisits, n, checked)
		}
		for _, want := range []string{`"revisit", "http:status": "304"`, `"revisit", "http:status": "200"`, `"response", "http:status": "301"`,
			`"response", "http:status": "410"`, `"metadata"`, `"conversion"`, `"request"`} {
			if !strings.Contains(index, want) {
				t.Errorf("warcio finds no %s:\n%s", want, index)
			}
		}
	}
}

func TestOthersJwarc(t *testing.T) {
	if _, err := exec.LookPath("java"); err != nil {
		t.Skip("java is not installed")
	}
	jar := toolFile(t, "jwarc.jar")
	o := archiveOfOddities(t)
	checked := output(t, "java", append([]string{"-jar", jar, "validate", "-v"}, o.warc...)...)
	records := strings.Count(output(t, "java", append([]string{"-jar", jar, "ls"}, o.warc...)...), "\n")
	if passed := strings.Count(checked, "block digest pass"); passed != records || strings.Contains(checked, "fail") {
		t.Errorf("%d of %d records pass:\n%s", passed, records, checked)
	}
	if n := strings.Count(checked, "payload digest pass"); n < 6 {
		t.Errorf("%d payloads pass:\n%s", n, checked)
	}
}

func TestOthersWACZ(t *testing.T) {
	wacz := tool(t, "wacz")
	o := archiveOfOddities(t)
	for _, args := range [][]string{{"--all"}, {o.url + "/chunked"}, {"--search", "suspends"}, {"--source", "odd"}} {
		file := o.export("x.wacz", append([]string{"wacz"}, args...)...)
		if said := output(t, wacz, "validate", "-f", file); !strings.Contains(said, "is valid") {
			t.Errorf("wacz validate, of %q: %s", args, said)
		}
	}
	bundle := filepath.Join(t.TempDir(), "proof.wacz")
	o.run("prove", o.url+"/chunked", "--out", bundle)
	if said := output(t, wacz, "validate", "-f", bundle); !strings.Contains(said, "is valid") {
		t.Errorf("wacz validate, of a bundle that proves: %s", said)
	}
}

// part writes a part of a WACZ to a file.
func part(t *testing.T, file, name string) string {
	t.Helper()
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	b, err := fs.ReadFile(z, name)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(out, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestOthersPywb: from warc/ with our index, and from our package, pywb gives
// the bytes that the site sent.
func TestOthersPywb(t *testing.T) {
	wayback, manager := tool(t, "wayback"), tool(t, "wb-manager")
	o := archiveOfOddities(t)
	dir := t.TempDir()
	index := o.export("archive.cdxj", "cdxj")
	config := fmt.Sprintf("collections:\n  live:\n    index_paths: %s\n    archive_paths: %s/\n", index, filepath.Dir(o.warc[0]))
	if err := os.WriteFile(filepath.Join(dir, "config.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "pack"}, {"add", "--unpack-wacz", "pack", o.export("all.wacz", "wacz", "--all")}} {
		cmd := exec.CommandContext(t.Context(), manager, args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("wb-manager %q: %v\n%s", args, err, out)
		}
	}
	base := serving(t, dir, wayback)
	lines, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	young := &oddities{}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\S+ (\d{14})\d* \{"url":"([^"]+)","mime":"([^"]*)","status":200`).FindAllStringSubmatch(string(lines), -1) {
		path := strings.TrimPrefix(m[2], o.url)
		if path == "/cut" || path == "/robots.txt" {
			continue
		}
		seen[path+" "+m[3]] = true
		want := []string{young.body(strings.TrimSuffix(path, "?from=old&a=1")), o.site.body(strings.TrimSuffix(path, "?from=old&a=1"))}
		for _, coll := range []string{"live", "pack"} {
			code, got := fetch(t, fmt.Sprintf("%s/%s/%sid_/%s", base, coll, m[1], m[2]))
			if code != http.StatusOK || got != want[0] && got != want[1] {
				t.Errorf("%s: %s at %s: %d, %.300q, want %.300q", coll, path, m[1], code, got, want)
			}
		}
	}
	for _, want := range []string{"/plain text/html", "/plain warc/revisit", "/chunked text/html", "/chunked warc/revisit", "/gzip text/html", "/gzip warc/revisit",
		"/gzip-chunked text/html", "/gzip-chunked warc/revisit", "/validated text/html", "/latin text/html"} {
		if !seen[want] {
			t.Errorf("the index has no %s:\n%s", want, lines)
		}
	}
	// Long after the last look, what it found; a redirect leads on.
	for path, want := range map[string]string{"/validated": "20 days", "/old": "20 days"} {
		if code, got := fetch(t, base+"/live/2999id_/"+o.url+path); code != http.StatusOK || !strings.Contains(got, want) {
			t.Errorf("%s: %d, %.300q, want %q in it", path, code, got, want)
		}
	}
}

// serving starts wayback in a folder and waits until it answers.
func serving(t *testing.T, dir, wayback string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, wayback, "-b", "127.0.0.1", "-p", port)
	cmd.Dir = dir
	var log lockedBuffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() { cancel(); <-done })
	base := "http://127.0.0.1:" + port
	for deadline := time.Now().Add(time.Minute); ; {
		if res, err := http.Get(base + "/"); err == nil {
			res.Body.Close()
			return base
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("wayback ended: %v\n%s", err, log.String())
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("wayback does not answer:\n%s", log.String())
		}
	}
}

// fetch gets an address as a browser would: content decoded, redirects followed.
func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// shownScript gathers all text that a page shows, also in frames and shadow trees.
const shownScript = `(() => {
	const all = [];
	const walk = node => {
		if (node.nodeType === Node.TEXT_NODE) all.push(node.data);
		if (node.shadowRoot) walk(node.shadowRoot);
		if (node.tagName === "IFRAME") try { if (node.contentDocument && node.contentDocument.body) walk(node.contentDocument.body) } catch (e) {}
		if (node.tagName !== "SCRIPT" && node.tagName !== "STYLE") node.childNodes.forEach(walk);
	};
	walk(document.body);
	return all.join(" ").replace(/\s+/g, " ");
})()`

// TestOthersReplayWebPage opens our packages in ReplayWeb.page, in Chromium, straight
// from a running instance on another origin.
func TestOthersReplayWebPage(t *testing.T) {
	player := toolFile(t, "replaywebpage")
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	o := archiveOfOddities(t)
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	instance := start(t, ctx, "serve", "--listen", "127.0.0.1:0", "--data", o.data, "--sources", filepath.Join(o.data, "sources.yaml"))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /ui.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, filepath.Join(player, "ui.js")) })
	mux.HandleFunc("GET /replay/sw.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, filepath.Join(player, "sw.js")) })
	mux.HandleFunc("GET /view", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><script src="/ui.js"></script><main><replay-web-page embed="replayonly" source="%s" url="%s" ts="%s"></replay-web-page></main>`,
			strings.ReplaceAll(r.FormValue("source"), "&", "&amp;"), r.FormValue("url"), r.FormValue("ts"))
	})
	site := httptest.NewServer(mux)
	defer site.Close()
	alloc, cancel := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.UserDataDir(t.TempDir()))...)
	defer cancel()
	tab, cancelTab := chromedp.NewContext(alloc)
	defer cancelTab()
	if err := chromedp.Do(tab); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, ctx: tab, base: site.URL}
	for _, s := range []struct{ source, path, ts, want string }{
		{"archive.wacz?all=1&as=all.wacz", "/plain", "20260303080000", "an appeal is 30 days"},
		{"archive.wacz?all=1&as=all.wacz", "/plain", "20260304080000", "an appeal is 30 days"}, // a revisit
		{"archive.wacz?all=1&as=all.wacz", "/plain", "20260305080000", "an appeal is 20 days"},
		{"archive.wacz?all=1&as=all.wacz", "/gzip-chunked", "20260304080000", "an appeal is 30 days"},
		{"archive.wacz?all=1&as=all.wacz", "/chunked", "20260305080000", "an appeal is 20 days"},
		{"version/1.wacz", "/plain", "", "an appeal is 30 days"},
	} {
		b.open("/view?" + url.Values{"source": {instance.url + "/export/" + s.source}, "url": {o.url + s.path}, "ts": {s.ts}}.Encode())
		b.shows(s.want)
	}
	stop()
	<-instance.done
}

// shows waits until the page, or a frame in it, shows a text.
func (b *browser) shows(want string) {
	b.t.Helper()
	for begin := time.Now(); ; {
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](shownScript))
		if err == nil && strings.Contains(got, want) {
			return
		}
		if time.Since(begin) > 30*time.Second {
			b.t.Fatalf("the page does not show %q: %v\n%.3000s", want, err, got)
		}
		select {
		case <-b.ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}
