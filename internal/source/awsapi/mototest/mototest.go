// Package mototest gives tests a moto server: an implementation of AWS by
// others, against which ours is held.
package mototest

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Variable names a running moto server, as in "http://127.0.0.1:5000". Only tests
// read it.
const Variable = "TRAILHOUND_TEST_MOTO"

// Start gives the address of a moto server with nothing in it: the one that the
// variable names, else one that it starts on the loopback interface and ends
// with the test. Without moto the test is skipped, loudly.
func Start(t testing.TB) string {
	t.Helper()
	url := os.Getenv(Variable)
	if url == "" {
		path, err := exec.LookPath("moto_server")
		if err != nil {
			t.Skipf("SKIPPED, NOT PASSED: there is no moto_server (pip install 'moto[server]') and %s is not set", Variable)
		}
		url = launch(t, path)
	}
	resp, err := http.Post(url+"/moto-api/reset", "", nil)
	if err != nil {
		t.Fatalf("moto at %s: %v", url, err)
	}
	resp.Body.Close()
	return url
}

func launch(t testing.TB, path string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close() // moto takes no socket; somebody else taking the port now fails the test, not more
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "-H", "127.0.0.1", "-p", port)
	cmd.Env = append(os.Environ(), "MOTO_ACCOUNT_ID=111122223333")
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start moto: %v", err)
	}
	t.Cleanup(func() { cancel(); _ = cmd.Wait() })
	go func() { // it must not block on a full pipe
		for s := bufio.NewScanner(logs); s.Scan(); {
			if strings.Contains(s.Text(), "Traceback") {
				t.Logf("moto: %s", s.Text())
			}
		}
	}()
	url := "http://127.0.0.1:" + port
	for range 300 {
		if resp, err := http.Get(url + "/moto-api/data.json"); err == nil {
			resp.Body.Close()
			return url
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("moto did not come up at %s", url)
	return ""
}

// Config signs as somebody in the account of the server.
func Config(url, region string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &url, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret", Source: "test"}, nil
	})}
}
