// Command kpadvisor says which kube-proxy mode a cluster should run.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"kpadvisor/probe/lab"
	"kpadvisor/ui/cli"
)

func main() {
	lab.Main() // never returns in a half of the lab that this program started

	ending := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		ending = append(ending, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ending...)
	context.AfterFunc(ctx, stop) // the second ctrl-C ends the program at once
	code := cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	endChildren()
	os.Exit(code)
}
