package simulator

import "strings"

// agent is a user agent: mostly constant for one installation of one tool.
// The AWS CLI alone names the command it ran, so it is completed per call.
type agent struct {
	text string
	cli  bool // append md/command#<service>.<operation>
	tls  string
}

// of is the user agent of one call.
func (a agent) of(service, operation string) string {
	if !a.cli {
		return a.text
	}
	return a.text + " md/command#" + service + "." + kebab(operation)
}

// kebab is how the CLI spells an operation: DescribeInstances is describe-instances.
func kebab(s string) string {
	var b strings.Builder
	for i, c := range s {
		upper := c >= 'A' && c <= 'Z'
		if upper && i > 0 && s[i-1] >= 'a' {
			b.WriteByte('-')
		}
		b.WriteRune(c)
	}
	return strings.ToLower(b.String())
}

// What CloudTrail tells of the connection; services calling for themselves show none.
const (
	tls13 = "TLS_AES_128_GCM_SHA256"
	tls12 = "ECDHE-RSA-AES128-GCM-SHA256"
)

// Versions in use over one and a half years, so that no version marks a person or an
// intruder: both draw from the same lists.
var (
	cliVersions  = []string{"2.27.50", "2.28.21", "2.31.11", "2.31.35", "2.32.3"}
	boto3        = []string{"1.38.46", "1.39.17", "1.40.55", "1.40.75"}
	linuxKernels = []string{"5.15.0-160-generic", "6.1.0-38-amd64", "6.12.38+deb13-amd64", "6.1.155-176.282.amzn2023.x86_64", "6.8.0-86-generic", "6.14.0-33-generic"}
	chromes      = []string{"138.0.0.0", "140.0.0.0", "141.0.0.0", "142.0.0.0"}
	tfVersions   = []string{"1.9.8", "1.11.4", "1.12.2", "1.13.4"}
	tfProviders  = []string{"5.99.1", "6.9.0", "6.18.0", "6.21.0"}
)

// The tools below draw their versions from the stream they are called on. A person
// draws once and keeps the tool; an intruder draws on a stream of their own.
func (r stream) cliLinux() agent {
	return agent{"aws-cli/" + pick(r, cliVersions) + " md/awscrt#0.28.4 ua/2.1 os/linux#" + pick(r, linuxKernels) +
		" md/arch#x86_64 lang/python#3.13.9 md/pyimpl#CPython m/" + pick(r, []string{"E,b,Z", "N,b,Z,E", "b,E,C"}) +
		" cfg/retry-mode#standard md/installer#exe md/distrib#ubuntu.24 md/prompt#off", true, tls13}
}

func (r stream) cliMac() agent {
	return agent{"aws-cli/" + pick(r, cliVersions) + " md/awscrt#0.28.4 ua/2.1 os/macos#" + pick(r, []string{"24.6.0", "25.1.0"}) +
		" md/arch#arm64 lang/python#3.13.9 md/pyimpl#CPython m/E,b,Z cfg/retry-mode#standard md/installer#exe md/prompt#off", true, tls13}
}

func (r stream) boto(kernel string) agent {
	v := pick(r, boto3)
	return agent{"Boto3/" + v + " md/Botocore#" + v + " ua/2.1 os/linux#" + kernel +
		" md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython m/Z,b,D cfg/retry-mode#legacy Botocore/" + v, false, tls13}
}

// botoLinux is a script on any machine: an intruder's looks like anybody's.
func (r stream) botoLinux() agent { return r.boto(pick(r, linuxKernels)) }

func (r stream) terraform() agent {
	return agent{"APN/1.0 HashiCorp/1.0 Terraform/" + pick(r, tfVersions) + " (+https://www.terraform.io) terraform-provider-aws/" +
		pick(r, tfProviders) + " (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.4 ua/2.1 os/linux" +
		" lang/go#1.24.9 md/GOOS#linux md/GOARCH#amd64 m/i,g", false, tls13}
}

func (r stream) browserMac() agent {
	return agent{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" +
		pick(r, chromes) + " Safari/537.36", false, tls13}
}

func (r stream) browserWindows() agent {
	return agent{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" +
		pick(r, chromes) + " Safari/537.36", false, tls13}
}

func (r stream) browserLinux() agent {
	return agent{"Mozilla/5.0 (X11; Linux x86_64; rv:" + pick(r, []string{"139.0", "143.0", "144.0"}) + ") Gecko/20100101 Firefox/144.0", false, tls13}
}

func (r stream) javaSDK() agent {
	return agent{"aws-sdk-java/2." + pick(r, []string{"31.9", "33.4", "35.11"}) + " md/io#sync md/http#Apache ua/2.1 os/Linux#" +
		pick(r, linuxKernels) + " lang/java#21.0.8 md/OpenJDK_64-Bit_Server_VM#21.0.8+9-LTS md/vendor#Amazon.com_Inc. md/en_US m/D,N,e", false, tls13}
}

func (r stream) nodeSDK(runtime string) agent {
	return agent{"aws-sdk-js/3." + pick(r, []string{"821.0", "899.0", "922.0"}) + " ua/2.1 os/linux#5.10.244-267.968.amzn2.x86_64 lang/js md/nodejs#22.20.0 api/" +
		runtime + " m/E,e exec-env/AWS_Lambda_nodejs22.x", false, tls13}
}

func (r stream) goSDK() agent {
	return agent{"aws-sdk-go-v2/1." + pick(r, []string{"36.3", "38.1", "39.4"}) + " ua/2.1 os/linux lang/go#1.25.3 md/GOOS#linux md/GOARCH#amd64 m/E,e", false, tls13}
}

func (r stream) ssmAgent() agent {
	return agent{"aws-sdk-go/1.55.5 (go1.24.6; linux; amd64) amazon-ssm-agent/3.3." + pick(r, []string{"2299.0", "2746.0", "3050.0"}), false, tls12}
}

// service is how AWS shows its own calls: no TLS details, the service's name
// in place of address and agent.
func serviceAgent(host string) agent { return agent{text: host} }
