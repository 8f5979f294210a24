//go:build !amd64

package gunzip

func eachWay(f func()) { f() }
