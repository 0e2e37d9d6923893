# Every target works in a clean checkout with Go and make alone: what it needs
# beyond that it installs (Debian packages, as root) or builds (Go modules).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build

GO ?= go
# nginx, nft and ip are found by any user.
export PATH := $(PATH):/usr/sbin:/sbin
BIN := bin
KUBE := advisor/cluster/clustertest/kubebin/build.sh
PROMETHEUS := inspect/prometheus/prometheusbin/build.sh
UML := probe/lab/umlkernel/build.sh
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

.PHONY: run
run: ## start kpadvisor on the current kubeconfig
	$(GO) run .

.PHONY: build
build: ## build static binaries for every platform, and look at the one that runs here
	for platform in $(PLATFORMS); do
		IFS=/ read -r os arch <<<"$$platform"
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '-s -w' -o $(BIN)/kpadvisor-$$os-$$arch .
	done
	.ci/check-static $(BIN)/kpadvisor-*
	cp licenses/licenses.txt $(BIN)/
	ls -l $(BIN)/kpadvisor-*

.PHONY: image
image: build ## write a container image of kpadvisor for Linux on amd64 and arm64, without a container engine
	$(GO) run . image -o $(BIN)/kpadvisor-image.tar $(foreach arch,amd64 arm64,--binary linux/$(arch)=$(BIN)/kpadvisor-linux-$(arch))

# Tests that give thousands of command lines, or read every source file.
LONG_TESTS := ^Test(HostileFlags|EveryFlagWithinACommand|EveryFlagRefuses|ProblemsInChinese)$$

.PHONY: test
test: test-deps kube prometheus uml-kernel ## vet and test everything, against a real Kubernetes
	$(GO) vet ./...
	# What runs in a pseudo-terminal inside the test runs without the race detector, and
	# so do screens of every size and thousands of command lines one after the other, which
	# take too long with it.
	KPADVISOR_REQUIRE_ALL=1 $(GO) test -count=1 -timeout 20m -run "$$(.ci/unraced ui/tui ui/cli)|^TestEverySize$$|$(LONG_TESTS)" ./ui/tui ./ui/tui/measure ./ui/cli
	# So does what runs in a user-mode Linux, where its memory has no room, and alone: each
	# system call there wakes another process of this machine.
	KPADVISOR_REQUIRE_ALL=1 $(GO) test -count=1 -timeout 40m -run '^TestUserModeLinux' ./probe/lab
	KPADVISOR_REQUIRE_ALL=1 $(GO) test -race -count=1 -timeout 30m -skip '$(LONG_TESTS)' ./...

.PHONY: test-cluster
test-cluster: test-deps kube ## measure in the cluster, on two real nodes (as root; make test does so as well where it can)
	KPADVISOR_REQUIRE_ALL=1 KPADVISOR_REQUIRE_NODES=1 $(GO) test -count=1 -timeout 10m ./ui/cli/e2e/incluster

.PHONY: test-deps
test-deps: ## install what the tests need and this machine does not have
	.ci/install gcc:gcc /usr/include/stdio.h:libc6-dev git:git flock:util-linux tmux:tmux ip:iproute2 nft:nftables nginx:nginx-light iptables:iptables ipset:ipset linux.uml:user-mode-linux modprobe:kmod strace:strace ipvsadm:ipvsadm chromium:chromium shellcheck:shellcheck dash:dash busybox:busybox curl:curl wget:wget # gcc for -race
	# Real nodes run as root alone.
	((EUID)) || .ci/install containerd:containerd runc:runc conntrack:conntrack /usr/lib/cni/bridge:containernetworking-plugins
	$(GO) mod download

.PHONY: kube
kube: ## build the commands of Kubernetes and etcd (about 12 minutes once per machine)
	$(KUBE)

.PHONY: prometheus
prometheus: ## build Prometheus (about 4 minutes once per machine)
	$(PROMETHEUS)

.PHONY: uml-kernel
uml-kernel: ## build a user-mode Linux with iptables, IPVS and nftables for the lab (about 5 minutes once per machine)
	if [[ -z $${KPADVISOR_LINUX_SOURCE:-} ]]; then
		.ci/install gcc:gcc /usr/include/stdio.h:libc6-dev flex:flex bison:bison bc:bc xz:xz-utils /usr/src/linux-source-6.12.tar.xz:linux-source-6.12
	fi
	$(UML)

.PHONY: bench
bench: test-deps kube bench-probe bench-lab ## measure everything: beside kubectl, ab and bare tools, screens, and merging 1,000 nodes (about 30 minutes)
	$(GO) run ./ui/cli/e2e/bench
	# One advice for clusters of 1 to 1,000 node groups, no two alike.
	$(GO) test -run '^$$' -bench Decide -benchtime 20x ./advisor
	# One operation is a second of the streams of 1,000 nodes.
	$(GO) test -run '^$$' -bench ThousandNodes -benchtime 30x ./probe/incluster

.PHONY: bench-probe
bench-probe: test-deps ## measure the engine beside ab, the wire and the least that connections cost (about 3 minutes)
	.ci/install ab:apache2-utils tcpdump:tcpdump
	$(GO) run ./probe/bench
	$(GO) test -run '^$$' -bench . -benchmem ./probe

.PHONY: bench-lab
bench-lab: test-deps uml-kernel ## measure the lab beside known good figures and bare tools (about 15 minutes)
	.ci/install ipvsadm:ipvsadm
	$(GO) test -run '^$$' -bench 'Fidelity|Program|Sweeps' -benchtime 1x -timeout 60m ./probe/lab

.PHONY: pictures
pictures: test-deps ## take the pictures of README from the real program in a real terminal
	$(GO) run ./ui/cli/e2e/pictures

.PHONY: lint
lint: ## run the linters of .golangci.yml, pinned in .ci/tools
	$(GO) tool -modfile=.ci/tools/go.mod golangci-lint run --allow-parallel-runners ./...

.PHONY: fuzz
fuzz: ## fuzz every parser for a minute (about 40 minutes; FUZZTIME=10s for less)
	.ci/fuzz $(FUZZTIME)

.PHONY: vulnerabilities
vulnerabilities: ## look for known vulnerabilities in what is linked (skipped where the database cannot be reached)
	.ci/vulnerabilities

.PHONY: format
format: ## format as lint wants it
	$(GO) tool -modfile=.ci/tools/go.mod golangci-lint fmt ./...

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.ONESHELL:
