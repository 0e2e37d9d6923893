package prometheus

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kpadvisor/files"
	"kpadvisor/plain"
)

// Options say which server is asked, and as whom.
type Options struct {
	// URL is the server's address, with the path that it is served below, if any. A name
	// and a password in it are sent to it (basic auth), and shown nowhere.
	URL string

	CAFile            string // certificates that the server's is signed by; empty for those of this machine
	CertFile, KeyFile string // certificate and key to show to the server; empty for none
	TokenFile, Token  string // bearer token: a file, or itself
	Insecure          bool   // the server's certificate is not checked

	Match  string        // label matchers that every series must fit, as `cluster="prod"`
	Window time.Duration // of rates; 0 means DefaultWindow
	// Timeout is that of one query and its whole answer; 0 means 20 s.
	Timeout time.Duration
}

// DefaultWindow is what rates are taken over.
const DefaultWindow = time.Hour

const (
	defaultTimeout = 20 * time.Second
	maxFile        = 1 << 20   // of certificates, a key or a token
	maxHeaders     = 128 << 10 // of an answer
)

// Client asks one server. It is safe for concurrent use.
type Client struct {
	base     *url.URL // without a name or a password
	user     *url.Userinfo
	token    string
	selector string // of every series: matchers, empty or ending in a comma
	o        Options
	http     *http.Client
}

// New prepares a client, and reads its files. It sends nothing. The error is a
// [plain.Error].
func New(ctx context.Context, o Options) (*Client, error) {
	if o.Window <= 0 {
		o.Window = DefaultWindow
	}
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, plain.Fail(
			"The address of Prometheus is no URL.",
			"Give it as https://prometheus.example.com or http://127.0.0.1:9090.",
			nil,
		)
	}
	c := &Client{user: base.User, o: o}
	c.base = &url.URL{Scheme: base.Scheme, Host: base.Host, Path: strings.TrimSuffix(base.Path, "/")}
	if c.selector, err = matchers(o.Match); err != nil {
		return nil, err
	}
	if c.token, err = readToken(ctx, o); err != nil {
		return nil, err
	}
	if (c.token != "" || c.user != nil) && base.Scheme == "http" && !isLoopback(base.Hostname()) {
		return nil, plain.Fail(
			"Credentials would go to Prometheus unencrypted.",
			"Name it by https://, or through \"kubectl port-forward\" by http://127.0.0.1:PORT.",
			nil,
		)
	}
	secure, err := c.tls(ctx)
	if err != nil {
		return nil, err
	}
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSClientConfig: secure, TLSHandshakeTimeout: o.Timeout,
			MaxResponseHeaderBytes: maxHeaders, MaxConnsPerHost: 4, ForceAttemptHTTP2: true,
		},
		CheckRedirect: checkRedirect,
	}
	return c, nil
}

// Server is the server's host and port.
func (c *Client) Server() string { return plain.Line(c.base.Host, 200) }

// matchers checks label matchers as far as they must not be anything else.
func matchers(text string) (string, error) {
	text = strings.Trim(strings.TrimSpace(text), ",{}")
	if text == "" {
		return "", nil
	}
	name, _, is := strings.Cut(text, "=")
	if !is || len(text) > 500 || strings.ContainsAny(text, "{}\n") ||
		strings.Trim(strings.TrimRight(name, "!"), labelLetters) != "" {
		return "", plain.Fail(
			"What tells the series of this cluster apart is no label matcher.",
			"Give it as 'cluster=\"prod\"', with several separated by commas.",
			nil,
		)
	}
	return text + ",", nil
}

const labelLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

func readToken(ctx context.Context, o Options) (string, error) {
	token := o.Token
	if o.TokenFile != "" {
		text, err := files.Read(ctx, o.TokenFile, maxFile)
		if err != nil {
			return "", unreadable("token", o.TokenFile, err)
		}
		token = string(text)
	}
	token = strings.TrimSpace(token)
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", plain.Fail(
			"The token for Prometheus is none: it holds blanks, or letters that are not ASCII.",
			"Give a file that holds the token alone.",
			nil,
		)
	}
	return token, nil
}

// tls is how the server is told from others.
func (c *Client) tls(ctx context.Context) (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: c.o.Insecure}
	if c.o.CAFile != "" {
		text, err := files.Read(ctx, c.o.CAFile, maxFile)
		if err != nil {
			return nil, unreadable("certificates", c.o.CAFile, err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(text) {
			return nil, unreadable("certificates", c.o.CAFile, errors.New("it holds no certificate in PEM"))
		}
	}
	if c.o.CertFile == "" && c.o.KeyFile == "" {
		return out, nil
	}
	cert, err := files.Read(ctx, c.o.CertFile, maxFile)
	if err != nil {
		return nil, unreadable("certificate", c.o.CertFile, err)
	}
	key, err := files.Read(ctx, c.o.KeyFile, maxFile)
	if err != nil {
		return nil, unreadable("key", c.o.KeyFile, err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, unreadable("certificate", c.o.CertFile, err)
	}
	out.Certificates = []tls.Certificate{pair}
	return out, nil
}

func unreadable(what, file string, err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return plain.Fail(
		fmt.Sprintf("The %s for Prometheus in %s cannot be used: %s.", what, plain.Text(file), plain.Text(err.Error())),
		"Name another file.",
		nil,
	)
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

var errRedirect = errors.New("it redirects to another server")

// checkRedirect lets a query be sent to another path of the same server, and nothing else
// anywhere.
func checkRedirect(next *http.Request, via []*http.Request) error {
	if from := via[0].URL; next.URL.Scheme != from.Scheme || next.URL.Host != from.Host || len(via) > 3 {
		return errRedirect
	}
	return nil
}

// get sends a query, as of a time if that is not 0 (in seconds since 1970), and hands over
// the series of the answer. The error is a [plain.Error].
func (c *Client) get(ctx context.Context, query string, at float64, each func(series)) (evaluated float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Timeout)
	defer cancel()
	to := *c.base
	to.Path += "/api/v1/query"
	params := url.Values{"query": {query}, "timeout": {strconv.FormatFloat(c.o.Timeout.Seconds(), 'f', -1, 64)}}
	if at > 0 {
		params.Set("time", strconv.FormatFloat(at, 'f', 3, 64))
	}
	to.RawQuery = params.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return 0, c.failed(err)
	}
	r.Header.Set("Accept", "application/json")
	switch {
	case c.token != "":
		r.Header.Set("Authorization", "Bearer "+c.token)
	case c.user != nil:
		password, _ := c.user.Password()
		r.SetBasicAuth(c.user.Username(), password)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return 0, c.failed(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, c.refused(answer)
	}
	evaluated, err = decode(answer.Body, each)
	if err != nil {
		return 0, c.failed(err)
	}
	return evaluated, nil
}
