package cluster

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kpadvisor/apiserver"
)

// total asks for one object and learns how many there are. The answer is -1
// where the server does not say: remainingItemCount is optional, and absent from
// a list of objects that the server had to filter. The full read counts then.
func (c *Client) total(ctx context.Context, l list) (int, error) {
	l.Metadata = true
	n := 0
	meta, err := apiserver.Page(ctx, c.api, l.List, 1, "", func(*metav1.PartialObjectMetadata) { n++ })
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
