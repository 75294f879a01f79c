package digest

import (
	"errors"
	"net"
)

// maxAnswers is how many bytes a mail server may answer to one mail, greetings and
// TLS included. Answers are read to their end: a server that never ends would fill
// the memory.
const maxAnswers = 1 << 20

var errTalkative = errors.New("the server answers more than a mail server does")

// A boundedConn is a connection that gives up when too much has come since
// [boundedConn.again]. It is used by one goroutine at a time.
type boundedConn struct {
	net.Conn
	came int
}

// Read implements [net.Conn].
func (c *boundedConn) Read(b []byte) (int, error) {
	if c.came >= maxAnswers {
		return 0, errTalkative
	}
	n, err := c.Conn.Read(b)
	c.came += n
	return n, err
}

// again begins to count anew.
func (c *boundedConn) again() { c.came = 0 }
