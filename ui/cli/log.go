package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"k8s.io/klog/v2"

	"kpadvisor/plain"
)

// quiet sends what client-go has to say to the file of --log, or nowhere: on
// stderr it would be written across the screen. It must run before the first
// client is made. The returned function closes the file.
func quiet(file string) (io.Writer, func(), error) {
	if file == "" {
		klog.SetSlogLogger(slog.New(slog.DiscardHandler))
		return io.Discard, func() {}, nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, failure{plain.Problem{
			Sentence: fmt.Sprintf("The log file cannot be written: %v.", err),
			Remedy:   "Name another with --log.",
		}, Failure}
	}
	klog.SetSlogLogger(slog.New(slog.NewTextHandler(f, nil)))
	return f, func() { _ = f.Close() }, nil // it holds warnings: nothing is lost that anybody waits for
}
