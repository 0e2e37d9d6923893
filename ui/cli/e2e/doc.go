// Package e2e tests the kpadvisor binary itself: headless, and on the screen of
// a real terminal, against a real API server. It holds nothing but tests.
package e2e
