package clustertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// pair is a certificate and its key, both as PEM.
type pair struct{ cert, key []byte }

// authority signs the certificates of one cluster: the API server's own and
// those its users identify themselves with.
type authority struct {
	pair
	certificate *x509.Certificate
	signer      *ecdsa.PrivateKey
}

// newAuthority makes a certificate authority that is valid for a day.
func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("could not make the authority's key: %w", err)
	}
	template := certificate(pkix.Name{CommonName: "kpadvisor test authority"}, time.Now().Add(24*time.Hour))
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("could not make the authority's certificate: %w", err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("could not read back the authority's certificate: %w", err)
	}
	p, err := encode(der, key)
	return &authority{pair: p, certificate: parsed, signer: key}, err
}

// issue signs a certificate for a client, and for a server on loopback and on the
// addresses.
func (a *authority) issue(subject pkix.Name, until time.Time, addresses ...net.IP) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, fmt.Errorf("could not make the key of %s: %w", subject.CommonName, err)
	}
	template := certificate(subject, until)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	template.IPAddresses = append([]net.IP{net.IPv4(127, 0, 0, 1)}, addresses...)
	template.DNSNames = []string{"localhost", "kubernetes.default.svc"}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.signer)
	if err != nil {
		return pair{}, fmt.Errorf("could not sign the certificate of %s: %w", subject.CommonName, err)
	}
	return encode(der, key)
}

// certificate is what all certificates have in common. It starts long ago, so
// that until may lie in the past.
func certificate(subject pkix.Name, until time.Time) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: subject,
		NotBefore: now.Add(-30 * 24 * time.Hour), NotAfter: until,
	}
}

func encode(der []byte, key *ecdsa.PrivateKey) (pair, error) {
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return pair{}, fmt.Errorf("could not encode a key: %w", err)
	}
	return pair{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}, nil
}

// write puts the pair into dir as name.crt and name.key.
func (p pair) write(dir, name string) error {
	if err := os.WriteFile(filepath.Join(dir, name+".crt"), p.cert, 0o600); err != nil {
		return fmt.Errorf("could not write a certificate: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".key"), p.key, 0o600); err != nil {
		return fmt.Errorf("could not write a key: %w", err)
	}
	return nil
}
