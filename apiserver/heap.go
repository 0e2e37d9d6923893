package apiserver

import (
	"errors"
	"runtime/metrics"
)

// ErrFull is the end of a list that takes more memory than is given to it: so many
// objects, or so much in each, as no cluster has.
var ErrFull = errors.New("what the server lists takes more memory than a cluster does")

// maxHeap is how much may live of all that was kept since the client was made, in bytes.
// Of a cluster of 5,000 nodes and 100,000 endpoints less than a quarter lives.
const maxHeap = 32 << 20

// eachLook is after how many bytes of objects the heap is looked at.
const eachLook = 64 << 10

// live is what lived of the whole program when the collector looked last, in bytes.
func live() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	if metrics.Read(sample); sample[0].Value.Kind() != metrics.KindUint64 {
		return 0 // a runtime without the figure
	}
	return sample[0].Value.Uint64()
}

// heap bounds what those who take objects in keep of them: nobody has to count, and
// nothing can be forgotten.
type heap struct {
	most  uint64 // bytes that may live
	taken int    // bytes since the last look
}

// grown counts an object of so many bytes, and one for itself, and reports whether too
// much lived when the collector looked last.
func (h *heap) grown(bytes int) bool {
	const small = 64
	if h.taken += bytes + small; h.taken < eachLook {
		return false
	}
	h.taken = 0
	return live() > h.most
}
