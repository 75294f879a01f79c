// Command search measures how well and how fast Veille searches.
//
//	go run ./bench/search
//
// VEILLE_DATA names the folder with the sets; what is not there is skipped.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	data := os.Getenv("VEILLE_DATA")
	if data == "" {
		fmt.Println("VEILLE_DATA is not set: nothing to measure on")
		return
	}
	if err := relevance(context.Background(), filepath.Join(data, "relevance")); err != nil {
		fmt.Fprintln(os.Stderr, "search:", err)
		os.Exit(1)
	}
}
