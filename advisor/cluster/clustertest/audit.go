package clustertest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// auditPolicy logs one line for each request that has been answered, and none
// of what it carried.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted, Panic]
rules: [{level: Metadata}]
`

// Request is one request the API server has answered, from its audit log.
type Request struct {
	Verb      string // get, list, ...
	URI       string // path and query
	Resource  string // "services", "deployments.apps"; empty for a path that is no resource
	Namespace string
	Name      string
	Code      int // HTTP status
}

// Requests returns what the user has asked for so far, in the order in which it
// was answered.
func (c *Cluster) Requests(t testing.TB, user string) []Request {
	t.Helper()
	// A request is logged just after it is answered: let the last ones arrive.
	before := -1
	for {
		requests, err := c.requests(user)
		if err != nil {
			t.Fatal(err)
		}
		if len(requests) == before {
			return requests
		}
		before = len(requests)
		time.Sleep(200 * time.Millisecond)
	}
}

func (c *Cluster) requests(user string) ([]Request, error) {
	f, err := os.Open(filepath.Join(c.dir, "audit.log"))
	if err != nil {
		return nil, fmt.Errorf("could not read the audit log: %w", err)
	}
	defer func() { _ = f.Close() }()
	var requests []Request
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Verb       string `json:"verb"`
			RequestURI string `json:"requestURI"`
			User       struct {
				Username string `json:"username"`
			} `json:"user"`
			ObjectRef struct {
				Resource  string `json:"resource"`
				Group     string `json:"apiGroup"`
				Namespace string `json:"namespace"`
				Name      string `json:"name"`
			} `json:"objectRef"`
			ResponseStatus struct {
				Code int `json:"code"`
			} `json:"responseStatus"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("could not parse the audit log: %w", err)
		}
		if e.User.Username != user {
			continue
		}
		resource := e.ObjectRef.Resource
		if e.ObjectRef.Group != "" {
			resource += "." + e.ObjectRef.Group
		}
		requests = append(requests, Request{
			Verb: e.Verb, URI: e.RequestURI, Resource: resource,
			Namespace: e.ObjectRef.Namespace, Name: e.ObjectRef.Name, Code: e.ResponseStatus.Code,
		})
	}
	return requests, lines.Err()
}
