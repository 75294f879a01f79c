package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"veille/archive"
	"veille/index"
	"veille/server"
)

// instanceFile stands in the data directory while an instance serves it, and
// says where it answers: {"url": "http://localhost:8080"}. Commands that only
// read ask the instance, because one process owns the directory.
const instanceFile = "instance.json"

type instance struct {
	URL string `json:"url"`
}

func writeInstance(file, url string) error {
	b, err := json.Marshal(instance{url})
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("note the instance: %w", err)
	}
	return nil
}

// explainLock adds to an error about a locked directory what to do.
func (a *app) explainLock(err error) error {
	if !errors.Is(err, archive.ErrLocked) {
		return err
	}
	if at, ok := a.instance(); ok {
		return fmt.Errorf("%w: `veille serve` answers at %s; stop it first, or use another --data", err, at)
	}
	return fmt.Errorf("%w; wait until it ends, or use another --data", err)
}

// instance is the address of the instance that serves the data directory.
func (a *app) instance() (string, bool) {
	b, err := os.ReadFile(filepath.Join(a.flags.Data, instanceFile))
	if err != nil {
		return "", false
	}
	var i instance
	if err := json.Unmarshal(b, &i); err != nil || i.URL == "" {
		return "", false
	}
	return i.URL, true
}

// ask gets one JSON document from the running instance into doc.
func (a *app) ask(ctx context.Context, path string, query url.Values, doc any) error {
	at, ok := a.instance()
	if !ok {
		return fmt.Errorf("%s: %w, and it does not serve; wait until it ends", a.flags.Data, archive.ErrLocked)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at+"/api/v1/"+path+"?"+query.Encode(), nil)
	if err != nil {
		return fmt.Errorf("ask the instance: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the instance at %s: %w", at, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
		if err != nil {
			return fmt.Errorf("ask the instance at %s: %w", at, err)
		}
		var problem struct {
			Detail string `json:"detail"`
			Errors []struct {
				Message string          `json:"message"`
				Value   json.RawMessage `json:"value"`
			} `json:"errors"`
		}
		if json.Unmarshal(body, &problem) == nil && problem.Detail != "" {
			var wrong server.WrongQuery
			if e := problem.Errors; len(e) == 1 && json.Unmarshal(e[0].Value, &wrong) == nil && wrong.Code != "" {
				return &index.QueryError{Pos: wrong.Position, Character: wrong.Character, Msg: e[0].Message, Code: wrong.Code}
			}
			if what, ok := strings.CutSuffix(problem.Detail, ": not in the archive"+server.Watched); ok {
				return fmt.Errorf("%s: %w", what, fs.ErrNotExist)
			}
			return errors.New(problem.Detail)
		}
		return fmt.Errorf("the instance at %s answered %s", at, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(doc); err != nil {
		return fmt.Errorf("the instance at %s sent no such document: %w", at, err)
	}
	return nil
}
