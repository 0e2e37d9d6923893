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

	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // under nohup it goes on
		ends = append(ends, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	context.AfterFunc(ctx, stop) // the second ctrl-C ends the program at once
	os.Exit(cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
