// Package gangplank is the runtime of generated packages, as a package of its own so that Go's tools can check it. This
// file, which is part of no generated package, has what the generated files give to the others.
package gangplank

import (
	"context"
	"errors"
	"fmt"
)

var (
	ErrBadArgument = errors.New("gangplank: bad argument")
	ErrCancelled   = fmt.Errorf("gangplank: %w", context.Canceled)
	ErrClosed      = errors.New("gangplank: closed")
	ErrDeadline    = fmt.Errorf("gangplank: %w", context.DeadlineExceeded)
	ErrForked      = errors.New("gangplank: forked")
	ErrHost        = errors.New("gangplank: host function failed")
	ErrLimit       = errors.New("gangplank: limit reached")
	ErrLoad        = errors.New("gangplank: cannot load the library")
	ErrMismatch    = errors.New("gangplank: interface mismatch")
	ErrPeerLost    = errors.New("gangplank: peer lost")
	ErrStuck       = errors.New("gangplank: close gave up waiting")
)
