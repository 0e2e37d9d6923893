package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	netutils "k8s.io/utils/net"
)

// configuration is kubeproxy.config.k8s.io/v1alpha1 KubeProxyConfiguration: the
// fields of v1.37.2 whose type or value decides whether kube-proxy starts, or
// which mode it runs. Its own Go types are not used: through component-base they
// bring Prometheus, OpenTelemetry and their registries into the program.
type configuration struct {
	metav1.TypeMeta    `json:",inline"`
	FeatureGates       map[string]bool        `json:"featureGates"`
	ClientConnection   clientConnection       `json:"clientConnection"`
	HostnameOverride   string                 `json:"hostnameOverride"`
	BindAddress        string                 `json:"bindAddress"`
	HealthzBindAddress string                 `json:"healthzBindAddress"`
	MetricsBindAddress string                 `json:"metricsBindAddress"`
	BindHardFail       bool                   `json:"bindAddressHardFail"`
	EnableProfiling    bool                   `json:"enableProfiling"`
	Mode               string                 `json:"mode"`
	IPTables           iptablesConfiguration  `json:"iptables"`
	IPVS               ipvsConfiguration      `json:"ipvs"`
	NFTables           nftablesConfiguration  `json:"nftables"`
	DetectLocalMode    string                 `json:"detectLocalMode"`
	DetectLocal        detectLocal            `json:"detectLocal"`
	ClusterCIDR        string                 `json:"clusterCIDR"`
	NodePortAddresses  []string               `json:"nodePortAddresses"`
	OOMScoreAdj        *int32                 `json:"oomScoreAdj"`
	Conntrack          conntrackConfiguration `json:"conntrack"`
	ConfigSyncPeriod   metav1.Duration        `json:"configSyncPeriod"`
}

type clientConnection struct {
	Kubeconfig string  `json:"kubeconfig"`
	QPS        float32 `json:"qps"`
	Burst      int32   `json:"burst"`
}

type iptablesConfiguration struct {
	MasqueradeBit      *int32          `json:"masqueradeBit"`
	MasqueradeAll      bool            `json:"masqueradeAll"`
	LocalhostNodePorts *bool           `json:"localhostNodePorts"`
	SyncPeriod         metav1.Duration `json:"syncPeriod"`
	MinSyncPeriod      metav1.Duration `json:"minSyncPeriod"`
}

type nftablesConfiguration struct {
	MasqueradeBit *int32          `json:"masqueradeBit"`
	MasqueradeAll bool            `json:"masqueradeAll"`
	SyncPeriod    metav1.Duration `json:"syncPeriod"`
	MinSyncPeriod metav1.Duration `json:"minSyncPeriod"`
}

type ipvsConfiguration struct {
	SyncPeriod    metav1.Duration `json:"syncPeriod"`
	MinSyncPeriod metav1.Duration `json:"minSyncPeriod"`
	Scheduler     string          `json:"scheduler"`
	ExcludeCIDRs  []string        `json:"excludeCIDRs"`
	StrictARP     bool            `json:"strictARP"`
	TCPTimeout    metav1.Duration `json:"tcpTimeout"`
	TCPFinTimeout metav1.Duration `json:"tcpFinTimeout"`
	UDPTimeout    metav1.Duration `json:"udpTimeout"`
}

type detectLocal struct {
	BridgeInterface     string `json:"bridgeInterface"`
	InterfaceNamePrefix string `json:"interfaceNamePrefix"`
}

type conntrackConfiguration struct {
	MaxPerCore            *int32           `json:"maxPerCore"`
	Min                   *int32           `json:"min"`
	TCPEstablishedTimeout *metav1.Duration `json:"tcpEstablishedTimeout"`
	TCPCloseWaitTimeout   *metav1.Duration `json:"tcpCloseWaitTimeout"`
	TCPBeLiberal          bool             `json:"tcpBeLiberal"`
	UDPTimeout            metav1.Duration  `json:"udpTimeout"`
	UDPStreamTimeout      metav1.Duration  `json:"udpStreamTimeout"`
}

// DeepCopyObject makes it an object of a scheme. Nobody copies one here.
func (c *configuration) DeepCopyObject() runtime.Object {
	copied := *c
	return &copied
}

// parseConfiguration reads a file as kube-proxy does (cmd/kube-proxy/app/options.go,
// loadConfig), with the decoder it uses itself: JSON or the first document of a
// YAML stream, whose apiVersion and kind must be right. Where its strict decoding
// fails over an unknown or repeated field, it decodes leniently; here that is all
// there is. The error says why kube-proxy refuses, and quotes nothing.
func parseConfiguration(text string) (*configuration, error) {
	if len(text) > maxDocument {
		return nil, fmt.Errorf("more than %d bytes", maxDocument)
	}
	kind := schema.GroupVersionKind{Group: "kubeproxy.config.k8s.io", Version: "v1alpha1", Kind: "KubeProxyConfiguration"}
	scheme := runtime.NewScheme()
	scheme.AddKnownTypeWithName(kind, &configuration{})
	options := json.SerializerOptions{Yaml: !utilyaml.IsJSONBuffer([]byte(text))}
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, options)
	object, _, err := decoder.Decode([]byte(text), nil, nil)
	switch {
	case runtime.IsMissingKind(err), runtime.IsMissingVersion(err):
		return nil, errors.New("it has no apiVersion or no kind")
	case runtime.IsNotRegisteredError(err):
		return nil, errors.New("its apiVersion or kind is not KubeProxyConfiguration's")
	case err != nil:
		return nil, errors.New("it cannot be decoded")
	}
	c, ok := object.(*configuration)
	if !ok {
		return nil, errors.New("it is no KubeProxyConfiguration")
	}
	return c, c.validate()
}

// validate follows pkg/proxy/apis/config/validation at v1.37.2, after the
// defaults. What depends on the version, the mode and the feature gates, is
// refusedMode's and refusedGate's.
func (c *configuration) validate() error {
	return cmp.Or(c.validateAddresses(), c.validateNumbers(), c.validatePeriods())
}

func (c *configuration) validateAddresses() error {
	if c.BindAddress != "" && netutils.ParseIPSloppy(c.BindAddress) == nil {
		return errors.New("bindAddress is no address")
	}
	if !isHostPort(c.HealthzBindAddress) || !isHostPort(c.MetricsBindAddress) {
		return errors.New("a bind address is not IP:port")
	}
	keywords := map[string]bool{}
	for _, a := range c.NodePortAddresses {
		switch a {
		case "primary", "localhost", "all":
			if keywords[a] {
				return errors.New("nodePortAddresses repeats a word")
			}
			keywords[a] = true
		default:
			if !isCIDR(a) {
				return errors.New("nodePortAddresses has what is no CIDR")
			}
		}
	}
	if c.Mode == "ipvs" && !all(c.IPVS.ExcludeCIDRs, isCIDR) {
		return errors.New("ipvs.excludeCIDRs has what is no CIDR")
	}
	return c.validateLocal()
}

func (c *configuration) validateLocal() error {
	switch c.DetectLocalMode {
	case "NodeCIDR":
	case "", "ClusterCIDR": // what is unset becomes ClusterCIDR (platformApplyDefaults)
		if cidrs := strings.Split(c.ClusterCIDR, ","); c.ClusterCIDR != "" && (len(cidrs) > 2 || !all(cidrs, isCIDR)) {
			return errors.New("clusterCIDR is no CIDR")
		}
	case "BridgeInterface":
		if c.DetectLocal.BridgeInterface == "" {
			return errors.New("detectLocal.bridgeInterface is empty")
		}
	case "InterfaceNamePrefix":
		if c.DetectLocal.InterfaceNamePrefix == "" {
			return errors.New("detectLocal.interfaceNamePrefix is empty")
		}
	default:
		return errors.New("detectLocalMode is none of its values")
	}
	return nil
}

func (c *configuration) validateNumbers() error {
	within := func(n *int32, low, high int32) bool { return n == nil || *n >= low && *n <= high }
	const most = 1<<31 - 1
	switch {
	case !within(c.IPTables.MasqueradeBit, 0, 31), c.Mode == "nftables" && !within(c.NFTables.MasqueradeBit, 0, 31):
		return errors.New("masqueradeBit is not within 0 to 31")
	case !within(c.OOMScoreAdj, -1000, 1000):
		return errors.New("oomScoreAdj is not within -1000 to 1000")
	case !within(c.Conntrack.MaxPerCore, 0, most), !within(c.Conntrack.Min, 0, most), c.ClientConnection.Burst < 0:
		return errors.New("a number is negative")
	}
	return nil
}

func (c *configuration) validatePeriods() error {
	periods := []time.Duration{
		c.ConfigSyncPeriod.Duration, c.Conntrack.UDPTimeout.Duration, c.Conntrack.UDPStreamTimeout.Duration,
	}
	for _, d := range []*metav1.Duration{c.Conntrack.TCPEstablishedTimeout, c.Conntrack.TCPCloseWaitTimeout} {
		if d != nil {
			periods = append(periods, d.Duration)
		}
	}
	sync, least := c.IPTables.SyncPeriod.Duration, cmp.Or(c.IPTables.MinSyncPeriod.Duration, time.Second)
	switch c.Mode {
	case "ipvs":
		periods = append(periods, c.IPVS.TCPTimeout.Duration, c.IPVS.TCPFinTimeout.Duration, c.IPVS.UDPTimeout.Duration)
		sync, least = c.IPVS.SyncPeriod.Duration, c.IPVS.MinSyncPeriod.Duration
	case "nftables":
		sync, least = c.NFTables.SyncPeriod.Duration, cmp.Or(c.NFTables.MinSyncPeriod.Duration, time.Second)
	}
	sync = cmp.Or(sync, 30*time.Second)
	switch {
	case slices.ContainsFunc(periods, func(d time.Duration) bool { return d < 0 }), sync < 0, least < 0:
		return errors.New("a period is negative")
	case least > sync:
		return errors.New("minSyncPeriod is longer than syncPeriod")
	}
	return nil
}

func all(list []string, is func(string) bool) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !is(s) })
}

func isCIDR(s string) bool {
	_, _, err := netutils.ParseCIDRSloppy(s)
	return err == nil
}

// isHostPort reports whether an address to listen on is taken; unset is, and so
// is one without a port, which is added.
func isHostPort(s string) bool {
	if s == "" || netutils.ParseIPSloppy(s) != nil {
		return true
	}
	host, port, err := net.SplitHostPort(s)
	n, errPort := strconv.Atoi(port)
	return err == nil && errPort == nil && n >= 1 && n <= 65535 && netutils.ParseIPSloppy(host) != nil
}

// settings are those that bear on the advice.
func (c *configuration) settings() settings {
	period := func(d metav1.Duration) string {
		if d.Duration == 0 {
			return ""
		}
		return d.Duration.String()
	}
	var gates []string
	for _, name := range slices.Sorted(maps.Keys(c.FeatureGates)) {
		gates = append(gates, name+"="+strconv.FormatBool(c.FeatureGates[name]))
	}
	return settings{
		file:               true,
		mode:               c.Mode,
		gates:              strings.Join(gates, ","),
		iptablesMinSync:    period(c.IPTables.MinSyncPeriod),
		nftablesMinSync:    period(c.NFTables.MinSyncPeriod),
		ipvsMinSync:        period(c.IPVS.MinSyncPeriod),
		scheduler:          c.IPVS.Scheduler,
		strictARP:          strconv.FormatBool(c.IPVS.StrictARP),
		excludeCIDRs:       strings.Join(c.IPVS.ExcludeCIDRs, ","),
		tcpBeLiberal:       strconv.FormatBool(c.Conntrack.TCPBeLiberal),
		nodePortAddresses:  strings.Join(c.NodePortAddresses, ","),
		metricsBindAddress: c.MetricsBindAddress,
		detectLocalMode:    c.DetectLocalMode,
	}
}
