package generate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWidenStandsForEachAndLetsNothingIn: whatever the names, every name is
// matched by its pattern, no pattern reaches over the fixed part of the ARN, and
// none matches a name that was refused.
func TestWidenStandsForEachAndLetsNothingIn(t *testing.T) {
	name := rapid.StringMatching(`(logs|cache|a\*b|x\?|d\$\{y\}|[0-9a-f]{8})(/|-)(app|[0-9]{1,3}|[0-9a-f]{6,12})(\.zip|/out)?`)
	rapid.Check(t, func(t *rapid.T) {
		bucket := rapid.SampledFrom([]string{"arn:aws:s3:::one/", "arn:aws:s3:::two/", "arn:aws:dynamodb:us-east-1:111122223333:table/", "arn:aws:sns:us-east-1:111122223333:"})
		arn := rapid.Custom(func(t *rapid.T) string { return bucket.Draw(t, "head") + name.Draw(t, "name") })
		kept := rapid.SliceOfN(arn, 1, 60).Draw(t, "kept")
		refused := slices.DeleteFunc(rapid.SliceOfN(arn, 0, 10).Draw(t, "refused"), func(s string) bool { return slices.Contains(kept, s) })
		clear := func(pattern string) bool { return !slices.ContainsFunc(refused, compile(pattern)) }
		wide := widen(kept, clear)
		for _, k := range kept {
			p := wide[k]
			if !compile(p)(k) {
				t.Fatalf("%q does not stand for %q", p, k)
			}
			head, _ := headOf(k)
			if !strings.HasPrefix(p, escape(head)) {
				t.Fatalf("%q reaches over %q", p, head)
			}
		}
		for _, r := range refused {
			for k, p := range wide {
				if compile(p)(r) {
					t.Fatalf("%q, for %q, lets %q in", p, k, r)
				}
			}
		}
	})
}

// TestWidenTakesNoOtherKindAlong: what a pattern matches by its star alone, behind another
// fixed part, keeps its own name.
func TestWidenTakesNoOtherKindAlong(t *testing.T) {
	const sns = "arn:aws:sns:us-east-1:111122223333:"
	wide := widen([]string{sns + "job-app/out", sns + "job-0", sns + "job-00", sns + "job-1"}, func(string) bool { return true })
	if wide[sns+"job-0"] != sns+"job-*" || wide[sns+"job-app/out"] != sns+"job-app/out" {
		t.Errorf("%v", wide)
	}
}

func TestWidenWantsEnoughNames(t *testing.T) {
	all := func(string) bool { return true }
	var arns []string
	for i := range minNumbered - 1 {
		arns = append(arns, fmt.Sprintf("arn:aws:s3:::out/app-%d.zip", 100+i))
	}
	if got := widen(arns, all)[arns[0]]; got != arns[0] {
		t.Errorf("%d names made %s", len(arns), got)
	}
	arns = append(arns, "arn:aws:s3:::out/app-abcdef12.zip")
	if got := widen(arns, all)[arns[0]]; got != "arn:aws:s3:::out/app-*.zip" {
		t.Errorf("%d names made %s", len(arns), got)
	}
	if got := widen([]string{"arn:aws:s3:::out/decade", "arn:aws:s3:::out/facade", "arn:aws:s3:::out/efface"}, all); got["arn:aws:s3:::out/decade"] != "arn:aws:s3:::out/decade" {
		t.Errorf("words of hexadecimal letters were taken for numbers: %v", got)
	}
}

func TestDocumentsFitAManagedPolicy(t *testing.T) {
	var all []Statement
	for i := range 400 {
		all = append(all, Statement{Sid: fmt.Sprintf("Observed%d", i), Effect: "Allow", Action: []string{"s3:GetObject"}, Resource: []string{fmt.Sprintf("arn:aws:s3:::bucket-%d/key", i)}})
	}
	docs := documents(all)
	n := 0
	for i := range docs {
		if n += len(docs[i].Statement); docs[i].size() > maxManaged {
			t.Errorf("document %d has %d characters", i, docs[i].size())
		}
	}
	if n != len(all) || len(docs) < 2 {
		t.Errorf("%d statements in %d documents, want %d", n, len(docs), len(all))
	}
}

// TestFolderStaysInside: what bounds the number of permissions never widens one beyond
// its account, region, bucket and kind of resource.
func TestFolderStaysInside(t *testing.T) {
	for pattern, want := range map[string]string{
		"arn:aws:s3:::out/a/b.zip":                              "arn:aws:s3:::out/a/*",
		"arn:aws:s3:::out":                                      "arn:aws:s3:::out",
		"arn:aws:sqs:us-east-1:111122223333:jobs":               "arn:aws:sqs:us-east-1:111122223333:*",
		"arn:aws:lambda:us-east-1:111122223333:function:report": "arn:aws:lambda:us-east-1:111122223333:function:*",
		"*": "*",
	} {
		if got := folder(pattern); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
}

// TestUserPoliciesAreSmaller: IAM gives a user's inline policies a fifth of the room
// that a role's have.
func TestUserPoliciesAreSmaller(t *testing.T) {
	for _, c := range []struct {
		principal string
		size      int
		want      string
	}{
		{"arn:aws:iam::111122223333:role/ci", 2049, "inline"}, {"arn:aws:iam::111122223333:user/ci", 2048, "inline"},
		{"arn:aws:iam::111122223333:user/ci", 2049, "managed"}, {"arn:aws:iam::111122223333:role/ci", 10241, "managed"},
	} {
		if got := fits(nil, c.size, c.principal); got != c.want {
			t.Errorf("%d characters of %s: %s, want %s", c.size, c.principal, got, c.want)
		}
	}
}

// TestNetworksOfABuild: of the addresses that begin with 172 only those of 172.16.0.0/12
// are private.
func TestNetworksOfABuild(t *testing.T) {
	a := &activity{networks: map[string]map[string]bool{}}
	for _, ip := range []string{"198.51.100.4", "198.51.7.7", "172.58.9.9", "172.20.1.1", "10.0.0.1", "192.168.1.1", "2001:db8::1", "codebuild.amazonaws.com", "999.1.1.1"} {
		a.from("b", ip)
	}
	if got := slices.Sorted(maps.Keys(a.networks["b"])); !slices.Equal(got, []string{"172.58.0.0/16", "198.51.0.0/16"}) {
		t.Errorf("networks %v", got)
	}
}
