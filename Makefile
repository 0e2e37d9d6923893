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
	ls -l $(BIN)/kpadvisor-*

.PHONY: test
test: test-deps kube uml-kernel ## vet and test everything, against a real Kubernetes
	$(GO) vet ./...
	# What runs in a pseudo-terminal inside the test runs without the race detector.
	KPADVISOR_REQUIRE_ALL=1 $(GO) test -count=1 -timeout 10m ./ui/tui ./ui/cli
	KPADVISOR_REQUIRE_ALL=1 $(GO) test -race -count=1 -timeout 20m ./...

.PHONY: test-deps
test-deps: ## install what the tests need and this machine does not have
	.ci/install gcc:gcc /usr/include/stdio.h:libc6-dev git:git flock:util-linux tmux:tmux ip:iproute2 nft:nftables nginx:nginx-light iptables:iptables ipset:ipset linux.uml:user-mode-linux modprobe:kmod # gcc for -race
	$(GO) mod download

.PHONY: kube
kube: ## build kube-apiserver, etcd, kube-proxy and kubectl (about 10 minutes once per machine)
	$(KUBE)

.PHONY: uml-kernel
uml-kernel: ## build a user-mode Linux with iptables, IPVS and nftables for the lab (about 5 minutes once per machine)
	if [[ -z $${KPADVISOR_LINUX_SOURCE:-} ]]; then
		.ci/install gcc:gcc /usr/include/stdio.h:libc6-dev flex:flex bison:bison bc:bc xz:xz-utils /usr/src/linux-source-6.12.tar.xz:linux-source-6.12
	fi
	$(UML)

.PHONY: bench
bench: test-deps kube bench-lab ## measure kpadvisor beside kubectl on 5,000 Services and 100,000 endpoints, and the lab
	$(GO) run ./ui/cli/e2e/bench

.PHONY: bench-lab
bench-lab: test-deps uml-kernel ## measure the lab beside known good figures and bare tools (about 15 minutes)
	.ci/install ipvsadm:ipvsadm
	$(GO) test -run '^$$' -bench 'Fidelity|Program|Sweeps' -benchtime 1x -timeout 60m ./probe/lab

.PHONY: lint
lint: ## run the linters of .golangci.yml, pinned in .ci/tools
	$(GO) tool -modfile=.ci/tools/go.mod golangci-lint run --allow-parallel-runners ./...

.PHONY: format
format: ## format as lint wants it
	$(GO) tool -modfile=.ci/tools/go.mod golangci-lint fmt ./...

.PHONY: help
help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.ONESHELL:
