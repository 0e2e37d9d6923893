package cluster

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// total asks for one object and learns how many there are. The answer is -1
// where the server does not say: remainingItemCount is optional, and absent from
// a list of objects that the server had to filter. The full read counts then.
func (c *Client) total(ctx context.Context, l list) (int, error) {
	l.metadata = true
	n := 0
	meta, err := readPage[metav1.PartialObjectMetadata](ctx, c, l, 1, "", func(*metav1.PartialObjectMetadata) { n++ })
	switch {
	case err != nil:
		return -1, err
	case meta.RemainingItemCount != nil:
		return n + int(max(0, *meta.RemainingItemCount)), nil
	case meta.Continue == "":
		return n, nil
	default:
		return -1, nil
	}
}
