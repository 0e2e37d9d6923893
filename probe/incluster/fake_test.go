package incluster

import (
	"testing"
	"time"

	"kpadvisor/apiserver"
	"kpadvisor/jobs/jobstest"
)

// fakeAPI is an API server whose pods run scripted agents.
type fakeAPI struct {
	*jobstest.API
	agent   func(p *fakePod) // what runs in a pod; nil is a whole agent
	silence time.Duration    // after which a run gives up a pod; 0 is long
	idle    time.Duration    // the same, of a pod that talks and tells nothing
}

// fakePod is a pod that measures.
type fakePod struct {
	*jobstest.Pod
	orders Orders
	index  int // within its group
}

func newFakeAPI(t *testing.T) *fakeAPI {
	t.Helper()
	f := &fakeAPI{}
	f.API = jobstest.New(t, func(p *jobstest.Pod) {
		if p.Args[1] != "--orders" { // an echo server
			<-p.Killed
			return
		}
		orders, err := ReadOrders(p.Args[2])
		if err != nil {
			t.Errorf("a pod cannot read its orders: %v", err)
			return
		}
		fake := &fakePod{Pod: p, orders: orders, index: orders.First + p.Index}
		if f.agent != nil {
			f.agent(fake)
			return
		}
		fake.measure(script{})
	})
	return f
}

func (f *fakeAPI) client(t *testing.T, o ...apiserver.Options) *Client {
	t.Helper()
	return &Client{f.Client(t, o...)}
}
