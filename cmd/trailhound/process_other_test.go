//go:build unix && !linux

package main

import (
	"os/exec"
	"testing"
)

func asNobody(t *testing.T, evidence string, args ...string) *exec.Cmd {
	t.Skip("SKIPPED, NOT PASSED: root can read every file")
	return nil
}
