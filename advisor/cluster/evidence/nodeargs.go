package evidence

import (
	"encoding/json"
	"strings"
	"unique"
)

// nodeArguments are what a k3s or RKE2 node says of its own command line in an
// annotation. Files under /etc/rancher are merged into it.
type nodeArguments struct {
	annotation string // "k3s.io/node-args", empty without
	unreadable bool
	server     bool
	noProxy    bool // server flag --disable-kube-proxy: holds for the whole cluster
	settings   settings
	file       bool // --config among kube-proxy's: a file on the node
}

// parseNodeArguments reads the annotation that k3s and RKE2 keep.
func parseNodeArguments(annotations map[string]string) nodeArguments {
	for _, name := range []string{"k3s.io/node-args", "rke2.io/node-args"} {
		text, ok := annotations[name]
		if !ok {
			continue
		}
		a := nodeArguments{annotation: name}
		var words []string
		if len(text) > maxDocument || json.Unmarshal([]byte(text), &words) != nil {
			a.unreadable = true
			return a
		}
		a.read(words)
		return a
	}
	return nodeArguments{}
}

func (a *nodeArguments) read(words []string) {
	a.server = len(words) > 0 && words[0] == "server"
	var proxy []string
	for i := 0; i < len(words); i++ {
		// The annotation splits "--name=value" in two; tolerate both.
		name, value, given := strings.Cut(words[i], "=")
		if !given && i+1 < len(words) && !strings.HasPrefix(words[i+1], "-") {
			value = words[i+1]
		}
		switch name {
		case "--kube-proxy-arg":
			if value == "" && i+1 < len(words) {
				value = words[i+1] // "--proxy-mode=ipvs", with its dashes
			}
			proxy = append(proxy, "--"+strings.TrimLeft(value, "-"))
		case "--disable-kube-proxy":
			a.noProxy = value != "false"
		}
	}
	var file string
	a.settings, file = parseArguments(proxy)
	a.file = file != ""
}

// embedsProxy reports whether kube-proxy runs inside the node's own process,
// without a pod, as in k3s; in RKE2 it is a static pod.
func (a nodeArguments) embedsProxy() bool { return a.annotation == "k3s.io/node-args" }

// nodeArguments are empty for a node that is known only by its pods.
func (n NodeSign) nodeArguments() nodeArguments {
	if n.arguments == (unique.Handle[nodeArguments]{}) {
		return nodeArguments{}
	}
	return n.arguments.Value()
}
