package incluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Echo answers every request with the IP:port that it came to, until ctx ends,
// and closes the connection. It listens at address (":8080"); the address that a
// client of a Service is told is that of the pod it got.
func Echo(ctx context.Context, address string) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("could not listen: %w", err)
	}
	return serveEcho(ctx, l)
}

func serveEcho(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second, MaxHeaderBytes: 4 << 10,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			here, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
			if !ok {
				http.Error(w, "no address", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "text/plain")
			_, _ = fmt.Fprintln(w, here) // a client that is gone needs no answer
		}),
	}
	server.SetKeepAlivesEnabled(false)
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("could not serve: %w", err)
	}
	return nil
}
