package digest

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrToken is the error of a token that this store never gave out, or that
// belongs to something else. It is an fs.ErrNotExist: the answer is 404.
var ErrToken = fmt.Errorf("the link is not known here; copy the whole address from the mail: %w", fs.ErrNotExist)

// ErrExpired is the error of a confirmation that came too late, or after the
// subscription was stopped. The answer is 410.
var ErrExpired = errors.New("the link is no longer valid; subscribe again to receive a new one")

// ErrTooMany is the error of an address that has too many confirmations
// waiting. The answer is 429.
var ErrTooMany = errors.New("too many confirmation mails to this address in one day; use the link in one of them, or try again tomorrow")

// ErrTooManyAtDomain is the error of a mail provider to which too many
// confirmations have gone in an hour. The answer is 429.
var ErrTooManyAtDomain = errors.New("too many confirmation mails to this mail provider in one hour; try again in an hour")

// ErrTooManyFromYou is the error of one who asks for too many confirmations in
// an hour. The answer is 429.
var ErrTooManyFromYou = errors.New("too many requests from your network in one hour; try again in an hour")

// ErrFull is the error of a person who has as many subscriptions as one may have,
// or has written as much in them. The answer is 409.
var ErrFull = fmt.Errorf("the address has %d subscriptions, or as long ones as one may have in all; stop or shorten one first", MaxSubscriptions)

// The errors with which a [Mailer] says what became of a mail. They are to be
// wrapped. Any other error leaves the mail uncertain.
var (
	// ErrUnreachable: no mail can be handed over now: no connection, wrong
	// password, sender refused. All mails stay queued.
	ErrUnreachable = errors.New("the mail server cannot be used")
	// ErrTemporary: this mail was not accepted this time (4xx). It stays queued.
	ErrTemporary = errors.New("the mail server asks to try again later")
	// ErrRefused: this mail was refused for good (5xx). It is marked failed.
	ErrRefused = errors.New("the mail server refused the mail")
	// ErrAddress: refused for good (5xx) because of the recipient's address. It
	// is an ErrRefused; the address is suspended.
	ErrAddress = fmt.Errorf("nothing arrives at the address: %w", ErrRefused)
	// ErrUncertain: the connection broke after the mail was handed over and
	// before the server answered. The mail is never sent again on its own.
	ErrUncertain = errors.New("the mail server did not say whether it took the mail")
)

// errWithdrawn is the error of a letter that was given up while it was on its way.
var errWithdrawn = errors.New("the letter was given up while it was being sent")
