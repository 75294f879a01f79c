package digest

import (
	_ "embed"
	"strings"
)

//go:embed throwaway.txt
var throwaway string

// refuseThrowaway refuses an address of a service that gives mailboxes away for
// some minutes: nobody would be told for long, and the next owner of the
// mailbox would be told instead. Its error is a *RequestError.
func refuseThrowaway(address string) error {
	_, domain, _ := strings.Cut(addressKey(address), "@")
	for line := range strings.FieldsSeq(throwaway) {
		if domain == line || strings.HasSuffix(domain, "."+line) {
			return refuse("email", "email-throwaway")
		}
	}
	return nil
}
