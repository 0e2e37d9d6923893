//go:build !linux

package main

import "fmt"

func main() { fmt.Println("the bench needs Linux") }
