module kpadvisor

go 1.26.0

require (
	charm.land/bubbles/v2 v2.2.1 // text input and key bindings
	charm.land/bubbletea/v2 v2.1.1 // the screens; pinned: v2 moves fast
	charm.land/lipgloss/v2 v2.0.6 // styles
	github.com/HdrHistogram/hdrhistogram-go v1.4.0 // latencies in fixed memory, whatever the length of a run
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794 // Student's t of differences between nodes; golang.org/x/perf brings it
	github.com/charmbracelet/colorprofile v0.4.3 // the type Bubble Tea takes its colours by
	github.com/charmbracelet/x/ansi v0.11.9 // width and wrapping of text; Lip Gloss brings it
	github.com/creack/pty v1.1.24 // tests only: a real pseudo-terminal
	github.com/moby/ipvs v1.1.0 // virtual and real servers over netlink, as kube-proxy does
	github.com/prometheus/client_model v0.6.2 // what expfmt parses into
	github.com/prometheus/common v0.70.0 // expfmt: kube-proxy's metrics
	github.com/spf13/cobra v1.10.2 // commands; as kubectl
	github.com/spf13/pflag v1.0.10 // flags of cobra and of cli-runtime
	github.com/vishvananda/netlink v1.3.1 // links, addresses and routes of the lab; sock_diag for the budget of ports
	github.com/yuin/goldmark v1.8.7 // tests only: whether hostile text stays text in Markdown
	golang.org/x/net v0.59.0 // dnsmessage: queries of udp targets
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da // benchmath: medians and their intervals, not made by hand
	golang.org/x/sys v0.49.0 // TCP_INFO and namespaces
	golang.org/x/term v0.47.0 // is it a terminal, and how wide
	k8s.io/api v0.37.2 // types to decode into
	k8s.io/apimachinery v0.37.2 // list metadata and API errors
	k8s.io/cli-runtime v0.37.2 // kubectl's connection flags
	k8s.io/client-go v0.37.2 // kubeconfig, TLS, credential plugins, retries
	k8s.io/klog/v2 v2.140.0 // only to silence it: client-go logs to stderr
	k8s.io/streaming v0.37.2 // SPDY, which port-forward speaks; client-go brings it
	k8s.io/utils v0.0.0-20260626114624-be93311217bd // addresses as kube-proxy reads them; client-go brings it
	sigs.k8s.io/knftables v0.0.22 // kube-proxy's own library for nft transactions
	sigs.k8s.io/yaml v1.6.0 // kube-proxy's ConfigMaps; client-go brings it
)

require github.com/charmbracelet/ultraviolet v0.0.0-20261008173134-6b8d4baf91b4

require (
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/google/nftables v0.3.0 // indirect
	github.com/mdlayher/netlink v1.11.2 // indirect
	github.com/mdlayher/socket v0.6.1 // indirect
	github.com/sirupsen/logrus v1.10.2 // indirect
	github.com/vishvananda/netns v0.0.5 // indirect
)

require (
	github.com/Azure/go-ansiterm v0.0.0-20250102033503-faa5f7b0171c // indirect
	github.com/atotto/clipboard v0.1.4 // indirect
	github.com/blang/semver/v4 v4.0.0 // indirect
	github.com/charmbracelet/x/term v0.2.2 // indirect
	github.com/charmbracelet/x/termios v0.1.1 // indirect
	github.com/charmbracelet/x/windows v0.2.2 // indirect
	github.com/clipperhouse/displaywidth v0.11.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/davecgh/go-spew v1.1.2-0.20180830191138-d8f796af33cc // indirect
	github.com/emicklei/go-restful/v3 v3.13.0 // indirect
	github.com/fxamacker/cbor/v2 v2.9.1 // indirect
	github.com/go-errors/errors v1.4.2 // indirect
	github.com/go-logr/logr v1.4.3 // indirect
	github.com/go-openapi/jsonpointer v1.0.0 // indirect
	github.com/go-openapi/jsonreference v1.0.0 // indirect
	github.com/go-openapi/swag v0.27.1 // indirect
	github.com/go-openapi/swag/cmdutils v0.27.1 // indirect
	github.com/go-openapi/swag/conv v0.27.1 // indirect
	github.com/go-openapi/swag/fileutils v0.27.1 // indirect
	github.com/go-openapi/swag/jsonutils v0.27.1 // indirect
	github.com/go-openapi/swag/loading v0.27.1 // indirect
	github.com/go-openapi/swag/mangling v0.27.1 // indirect
	github.com/go-openapi/swag/netutils v0.27.1 // indirect
	github.com/go-openapi/swag/pools v0.27.1 // indirect
	github.com/go-openapi/swag/stringutils v0.27.1 // indirect
	github.com/go-openapi/swag/typeutils v0.27.1 // indirect
	github.com/go-openapi/swag/yamlutils v0.27.1 // indirect
	github.com/google/btree v1.1.3 // indirect
	github.com/google/gnostic-models v0.7.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/gorilla/websocket v1.5.4-0.20250319132907-e064f32e3674 // indirect
	github.com/inconshreveable/mousetrap v1.1.0 // indirect
	github.com/json-iterator/go v1.1.12 // indirect
	github.com/liggitt/tabwriter v0.0.0-20181228230101-89fcab3d43de // indirect
	github.com/lucasb-eyer/go-colorful v1.4.1 // indirect
	github.com/mattn/go-runewidth v0.0.30 // indirect
	github.com/moby/spdystream v0.5.1 // indirect
	github.com/moby/term v0.5.2 // indirect
	github.com/modern-go/concurrent v0.0.0-20180306012644-bacd9c7ef1dd // indirect
	github.com/modern-go/reflect2 v1.0.3-0.20250322232337-35a7c28c31ee // indirect
	github.com/monochromegane/go-gitignore v0.0.0-20200626010858-205db1a8cc00 // indirect
	github.com/muesli/cancelreader v0.2.2 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/peterbourgon/diskv v2.0.1+incompatible // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/x448/float16 v0.8.4 // indirect
	github.com/xlab/treeprint v1.2.0 // indirect
	github.com/xo/terminfo v1.0.0 // indirect
	go.yaml.in/yaml/v2 v2.4.4 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/oauth2 v0.37.0 // indirect
	golang.org/x/sync v0.23.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	golang.org/x/time v0.15.0 // indirect
	google.golang.org/protobuf v1.36.12-0.20260120151049-f2248ac996af // indirect
	gopkg.in/evanphx/json-patch.v4 v4.13.0 // indirect
	gopkg.in/inf.v0 v0.9.1 // indirect
	k8s.io/kube-openapi v0.0.0-20260721132016-d427ff9ee9ad // indirect
	sigs.k8s.io/json v0.0.0-20250730193827-2d320260d730 // indirect
	sigs.k8s.io/kustomize/api v0.21.1 // indirect
	sigs.k8s.io/kustomize/kyaml v0.21.1 // indirect
	sigs.k8s.io/randfill v1.0.0 // indirect
	sigs.k8s.io/structured-merge-diff/v6 v6.4.2 // indirect
)
