package digest

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"veille/index"
)

// A RequestError says what is wrong with one field of a request, and what to
// do. The answer is 400; nothing was written. What and Do are English; Code, one
// of [Refusals], and Args say the same to whoever tells it in other words.
type RequestError struct {
	Field string   // as in the JSON document: "email", "query", "topics", …
	What  string   // what is wrong
	Do    string   // what to do
	Code  string   // which of the rules was broken
	Args  []string // for {0}, {1}, … of what is said of that rule

	cause *index.QueryError // of "search": what is wrong with it
}

func (e *RequestError) Error() string { return e.Field + ": " + e.What + "; " + e.Do }

// Unwrap gives the *[index.QueryError] of a search that cannot be read.
func (e *RequestError) Unwrap() error {
	if e.cause == nil {
		return nil
	}
	return e.cause
}

// bareAddress is what to do about most of what is wrong with a mail address.
const bareAddress = "give one bare address, such as name@example.org"

// refusals are what may be wrong with a request, and what to do, by code.
var refusals = map[string][2]string{
	"email-long":      {"the address is too long", bareAddress},
	"email-control":   {"the address contains control characters", bareAddress},
	"email-none":      {"there is no address", bareAddress},
	"email-bare":      {"this is not a bare mail address", bareAddress},
	"email-ascii":     {"letters outside ASCII before the @ are not supported", bareAddress},
	"email-quoted":    {"quoted names and address literals are not supported", bareAddress},
	"email-domain":    {"the part after the @ is not a domain name", bareAddress},
	"email-throwaway": {"this looks like an address that is thrown away soon", "give one that you will still read in a month"},

	"query-link":    {"the search contains a web address", "search for words; to watch a page, name its source"},
	"query-long":    {"the search is too long", "use at most {0} characters, or several subscriptions"},
	"search":        {"{0}", "try it on the search page first"},
	"passage-link":  {"the wording contains a web address", "leave the address out"},
	"passage-long":  {"the wording is too long", "use at most {0} characters"},
	"passage-short": {"the wording is too short", "use at least {0} words, or a search"},
	"list-long":     {"the list is too long", "name at most {0}, or none for all"},
	"filter-long":   {"all that is to be watched is too long", "name fewer pages, or make several subscriptions"},
	"kind":          {`there is no kind "{0}"`, "use new, change, drift or health"},
	"weight":        {"the weight is out of range", "use 1 (everything) to 5 (only the gravest)"},
	"topic":         {`there is no topic "{0}"`, "use the ids listed on the subscription page"},
	"source":        {`there is no source "{0}"`, "use the ids in sources.yaml"},
	"jurisdiction":  {`no source is of "{0}"`, "use a code such as BE or EU"},
	"document":      {`no page has the address "{0}"`, "copy the address of a page that is watched"},
	"same":          {"another subscription of yours watches the same", "change or stop that one"},

	"name-link": {"the name contains a web address", "use words only"},
	"name-long": {"the name is too long", "use at most {0} characters, and the note for the rest"},
	"note-link": {"the note contains a web address", "use words only"},
	"note-long": {"the note is too long", "use at most {0} characters"},
	"cadence":   {`there is no cadence "{0}"`, "use now, daily, weekly or monthly"},
	"density":   {`there is no density "{0}"`, "use headlines, excerpts or full"},
	"at":        {`"{0}" is not a time of day`, "use hours and minutes, such as " + DefaultAt},
	"lang":      {`mails are not written in "{0}"`, "use en, fr, nl or de"},
	"zone":      {`there is no time zone "{0}"`, "use a name such as " + DefaultZone},

	"hook-address":    {"this is no address", "give one such as https://example.org/hook, or that of a chat"},
	"hook-host":       {"the address has no host, or has a user or a fragment", "give one such as https://example.org/hook"},
	"hook-https":      {"the address is not https", "give an https address, or --private-hooks if it is in a network of your own"},
	"chat-kind":       {"nothing of this kind can be told", "use https, or one of " + strings.Join(Chats, ", ")},
	"chat-server":     {"this chat would be told on a server of one's own, and it cannot be seen whether that is in a private network", "give --private-hooks if it is yours, to serve and digest too"},
	"chat-incomplete": {"the address of the chat is not complete", "write it as the documentation of shoutrrr says for {0}"},
}

// operators are the codes that only an operator meets, on the command line.
var operators = []string{"hook-address", "hook-host", "hook-https", "chat-kind", "chat-server", "chat-incomplete"}

// Refusals are the codes of [RequestError] that a reader may meet, in order.
func Refusals() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(refusals)), func(code string) bool { return slices.Contains(operators, code) })
}

// refuse is the error of a field that breaks a rule; args are what was typed, or the
// rule's measure.
func refuse(field, code string, args ...string) *RequestError {
	e := &RequestError{Field: field, Code: code, What: refusals[code][0], Do: refusals[code][1]}
	for i, a := range args {
		e.Args = append(e.Args, short(a))
		verb := "{" + strconv.Itoa(i) + "}"
		e.What, e.Do = strings.ReplaceAll(e.What, verb, e.Args[i]), strings.ReplaceAll(e.Do, verb, e.Args[i])
	}
	return e
}

// short is what was typed, as an error repeats it.
func short(s string) string { return strings.ReplaceAll(cut(s, 60), `"`, `'`) }

func quote(s string) string { return `"` + short(s) + `"` }

// RefuseSearch is the error of a search that cannot be watched, and wraps what is
// wrong with it.
func RefuseSearch(err error) *RequestError {
	e := refuse("query", "search")
	e.What, e.Args = err.Error(), []string{err.Error()}
	errors.As(err, &e.cause)
	return e
}
