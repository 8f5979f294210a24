package evidence

import (
	"regexp"
	"strings"
)

// tools are recognised by what their user agents start with or contain; the
// first that fits wins, so the specific stand before the SDKs they are built on.
var tools = []struct{ mark, family string }{
	{"exec-env/cloudshell", "cloudshell"},
	{"hashicorp", "terraform"}, {"terraform", "terraform"}, {"pulumi", "pulumi"},
	{"s3console", "console"}, {"console.amazonaws.com", "console"}, {"signin.amazonaws.com", "console"},
	{"aws internal", "aws-internal"}, {"aws-internal", "aws-internal"},
	{"aws-cli/1", "aws-cli-1"}, {"aws-cli/2", "aws-cli-2"}, {"aws-cli", "aws-cli"},
	{"boto3", "boto3"}, {"botocore", "boto3"},
	{"aws-sdk-go-v2", "sdk-go-v2"}, {"aws-sdk-go", "sdk-go"},
	{"aws-sdk-java", "sdk-java"}, {"aws-sdk-js", "sdk-js"}, {"aws-sdk-nodejs", "sdk-js"},
	{"aws-sdk-rust", "sdk-rust"}, {"aws-sdk-ruby", "sdk-ruby"}, {"aws-sdk-php", "sdk-php"},
	{"aws-sdk-dotnet", "sdk-dotnet"}, {"aws-sdk-net", "sdk-dotnet"}, {"aws-sdk", "sdk"},
	{"amazon-ssm-agent", "ssm-agent"}, {"mozilla/", "browser"}, {"s3 browser", "s3-browser"},
}

var platforms = []struct{ mark, name string }{
	{"windows", "windows"}, {"darwin", "mac"}, {"macos", "mac"}, {"mac os", "mac"},
	{"android", "android"}, {"linux", "linux"},
}

// shapeNoise is what varies between two calls of one tool: version numbers,
// hex ids, UUIDs.
var shapeNoise = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F-]{9,}|[0-9]+[0-9a-zA-Z.+_-]*`)

// AgentFamily reduces a user agent to tool and platform, never to a version:
// "aws-cli-2 linux", "browser mac", "terraform". A service name stays itself.
// The caller writes this field, so equality is weak evidence of one actor.
func AgentFamily(userAgent string) string {
	ua := strings.ToLower(strings.Trim(userAgent, "[] "))
	if ua == "" {
		return "none"
	}
	if strings.HasSuffix(ua, ".amazonaws.com") && !strings.ContainsAny(ua, " /") {
		return ua
	}
	family := ""
	for _, t := range tools {
		if strings.Contains(ua, t.mark) {
			family = t.family
			break
		}
	}
	if family == "" {
		first, _, _ := strings.Cut(ua, " ")
		name, _, _ := strings.Cut(first, "/")
		family = strings.Trim(shapeNoise.ReplaceAllString(name, ""), "-_. ")
		if family == "" {
			family = "other"
		}
	}
	if family == "aws-internal" || family == "cloudshell" {
		return family
	}
	for _, p := range platforms {
		if strings.Contains(ua, p.mark) {
			return family + " " + p.name
		}
	}
	return family
}
