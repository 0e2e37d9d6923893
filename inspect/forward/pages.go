package forward

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"kpadvisor/advisor"
	"kpadvisor/advisor/node"
	"kpadvisor/apiserver"
	"kpadvisor/files"
)

// silentError is a node on whose loopback nobody listens: another pod of it is no other
// way.
type silentError struct{ port int }

func (e *silentError) Error() string {
	return fmt.Sprintf(
		"nothing answers at 127.0.0.1:%d: no kube-proxy runs there, or its metricsBindAddress is another",
		e.port,
	)
}

// through reads the pages of kube-proxy through a pod. One that answers is enough.
func (r *round) through(ctx context.Context, w way, name string, port int) (advisor.NodeReport, error) {
	tunnel, err := r.api.Forward(ctx, w.namespace, w.name)
	if err != nil {
		return advisor.NodeReport{}, apiserver.Asked("pods/portforward", err)
	}
	defer tunnel.Close()
	browser := browserOf(tunnel, port)
	defer browser.CloseIdleConnections()
	mode, _, err := page(ctx, browser, "/proxyMode")
	if err != nil && strings.Contains(tunnel.Refusal(), "connection refused") {
		return advisor.NodeReport{}, &silentError{port}
	}
	if said := tunnel.Refusal(); err != nil && said != "" {
		return advisor.NodeReport{}, errors.New(said)
	}
	config, _, configErr := page(ctx, browser, "/configz")
	metrics, date, metricsErr := page(ctx, browser, "/metrics")
	if err != nil && configErr != nil && metricsErr != nil {
		return advisor.NodeReport{}, err
	}
	report, writeErr := node.Written(name, func(to *node.Writer) {
		to.Section("kube-proxy.mode", mode, err)
		to.Section("kube-proxy.config", config, configErr)
		to.Page(metrics, metricsErr)
		if at, err := http.ParseTime(date); err == nil { // the node's own clock, as kube-proxy's time stamps are
			to.Section("time", strconv.AppendInt(nil, at.Unix(), 10), nil)
		}
	})
	if writeErr == nil && !report.Mode.IsKnown() && !report.Inferred.IsKnown() && len(report.Syncs) == 0 {
		return report, fmt.Errorf("what answers at 127.0.0.1:%d is no kube-proxy", port)
	}
	return report, writeErr
}

// browserOf asks at a port of the tunnel, and nowhere else.
func browserOf(tunnel *apiserver.Tunnel, port int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            func(context.Context, string, string) (net.Conn, error) { return tunnel.Dial(port) },
			MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: 1, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("it redirects") },
	}
}

// page gets one page of kube-proxy.
func page(ctx context.Context, browser *http.Client, path string) (text []byte, date string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+path, http.NoBody)
	if err != nil {
		return nil, "", err
	}
	answer, err := browser.Do(r)
	if err != nil {
		return nil, "", fmt.Errorf("%s was not answered", path)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		_, _ = io.CopyN(io.Discard, answer.Body, 4<<10) // so that the connection can be used again
		return nil, "", fmt.Errorf("%s was answered with %d", path, answer.StatusCode)
	}
	text, err = files.Bounded(answer.Body, node.MostSection)
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return text, answer.Header.Get("Date"), nil
}
