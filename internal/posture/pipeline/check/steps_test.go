package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhound/trailhound/internal/posture/pipeline/model"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// built is a project whose inline buildspec runs one command a line, and whose
// variable TOKEN comes from Secrets Manager.
func built(t *testing.T, commands string) *Subject {
	t.Helper()
	spec := "version: 0.2\nenv:\n  secrets-manager:\n    TOKEN: app/token\nphases:\n  build:\n    commands:\n"
	for line := range strings.Lines(commands) {
		spec += "      - |-\n        " + strings.TrimSpace(line) + "\n"
	}
	p := &model.Project{Name: model.Of("app"), Source: model.Source{Type: model.Of("GITHUB"), Buildspec: model.Of(model.Hide(spec))}}
	scene := NewScene(&model.Inventory{Projects: []*model.Project{p}}, &read.Settings{}, nil, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	i := slices.IndexFunc(scene.Subjects(), func(s *Subject) bool { return s.Kind == "project" })
	if i < 0 {
		t.Fatal("no project")
	}
	return scene.Subjects()[i]
}

func says(hits []Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Unknown+h.Words["what"])
	}
	return strings.Join(out, "; ")
}

// TestSteps: what the checks that read commands say of each, "" where they must be
// silent. A sentence is a claim about what the shell does.
func TestSteps(t *testing.T) {
	for _, c := range []struct {
		code    func(*Subject) []Hit
		command string
		want    string
	}{
		{secretEchoed, "set -x", "set -x prints every command with its secrets"},
		{secretEchoed, "set -euxo pipefail", "set -x prints every command with its secrets"},
		{secretEchoed, "set -o xtrace", "set -x prints every command with its secrets"},
		{secretEchoed, "set -euo pipefail", ""},
		{secretEchoed, "set +x", ""},
		{secretEchoed, "set -- -x", ""},
		{secretEchoed, "bash -ex build.sh", "bash -x prints every command with its secrets"},
		{secretEchoed, "sudo -E sh -x build.sh", "sh -x prints every command with its secrets"},
		{secretEchoed, "bash build.sh -x", ""},
		{secretEchoed, "python3 -x build.py", ""},
		{secretEchoed, "env", "env prints every variable"},
		{secretEchoed, "printenv", "printenv prints every variable"},
		{secretEchoed, "export -p", "export prints every variable"},
		{secretEchoed, "env make", ""},
		{secretEchoed, "env A=1 make", ""},
		{secretEchoed, "env > .env", ""},
		{secretEchoed, "env | grep AWS_REGION", ""},
		{secretEchoed, "printenv PATH", ""},
		{secretEchoed, "printenv TOKEN", "printenv prints TOKEN"},
		{secretEchoed, "export TOKEN", ""},
		{secretEchoed, `echo "$TOKEN"`, "echo prints TOKEN"},
		{secretEchoed, `echo "$TOKEN" >&2`, "echo prints TOKEN"},
		{secretEchoed, `printf '%s' ${TOKEN:0:4}`, "printf prints TOKEN"},
		{secretEchoed, `echo "$TOKEN" > .npmrc`, ""},
		{secretEchoed, `echo "//registry/:_authToken=$TOKEN">>.npmrc`, ""},
		{secretEchoed, `echo "$TOKEN" | docker login --password-stdin`, ""},
		{secretEchoed, `echo '$TOKEN'`, ""},
		{secretEchoed, `echo "$OTHER"`, ""},
		{secretEchoed, `TOKEN2="$TOKEN" echo x`, ""},

		{unpinnedDownload, "curl -s https://x.example/i | bash", "curl is piped into bash"},
		{unpinnedDownload, "curl -fsSL https://x.example/i | sudo -E bash -", "curl is piped into bash"},
		{unpinnedDownload, "wget -qO- https://x.example/i | A=1 python3", "wget is piped into python3"},
		{unpinnedDownload, "bash <(curl -s https://x.example/i)", "bash runs what curl fetches"},
		{unpinnedDownload, `sh -c "$(curl -s https://x.example/i)"`, "sh runs what curl fetches"},
		{unpinnedDownload, "curl -s https://x.example/i | tar xz", ""},
		{unpinnedDownload, "curl -s https://x.example/i && bash build.sh", ""},
		{unpinnedDownload, "pip install git+https://x.example/a", "pip installs from git without a commit"},
		{unpinnedDownload, "pip install git+https://x.example/a@v1.0", "pip installs from git without a commit"},
		{unpinnedDownload, "pip install git+https://x.example/a@0123456789abcdef0123456789abcdef01234567", ""},
		{unpinnedDownload, "pip3 install --index-url http://x.example a", "pip3 installs over plain http"},
		{unpinnedDownload, "pip3 install http://x.example/a.whl", "pip3 installs over plain http"},
		{unpinnedDownload, "pip download http://x.example/a.whl", ""},
		{unpinnedDownload, "pip install -r requirements.txt", ""},
		{unpinnedDownload, "npx cdk@latest deploy", "npx runs whatever is the latest version"},
		{unpinnedDownload, "npx cdk@2.1.0 deploy", ""},
		{unpinnedDownload, "npm install cdk@latest", ""},

		{unquotedWebhook, "git checkout $CODEBUILD_WEBHOOK_HEAD_REF", "CODEBUILD_WEBHOOK_HEAD_REF stands outside quotes"},
		{unquotedWebhook, `git checkout "$CODEBUILD_WEBHOOK_HEAD_REF"`, ""},
		{unquotedWebhook, "git clone --branch=${CODEBUILD_WEBHOOK_BASE_REF} .", "CODEBUILD_WEBHOOK_BASE_REF stands outside quotes"},
		{unquotedWebhook, "docker build --build-arg REF=$CODEBUILD_SOURCE_VERSION .", "CODEBUILD_SOURCE_VERSION stands outside quotes"},
		{unquotedWebhook, "REF=$CODEBUILD_WEBHOOK_HEAD_REF make", ""},
		{unquotedWebhook, "export REF=$CODEBUILD_WEBHOOK_HEAD_REF", ""},
		{unquotedWebhook, `eval "git checkout $CODEBUILD_WEBHOOK_HEAD_REF"`, "CODEBUILD_WEBHOOK_HEAD_REF is run as code by eval"},
		{unquotedWebhook, `bash -ec "git checkout $CODEBUILD_WEBHOOK_TRIGGER"`, "CODEBUILD_WEBHOOK_TRIGGER is run as code by bash"},
		{unquotedWebhook, `bash build.sh "$CODEBUILD_WEBHOOK_TRIGGER"`, ""},
		{unquotedWebhook, "echo '$CODEBUILD_WEBHOOK_TRIGGER'", ""},
		{unquotedWebhook, "echo $CODEBUILD_RESOLVED_SOURCE_VERSION", ""},

		{failuresSwallowed, "trivy fs . || true", "a failure of trivy is thrown away"},
		{failuresSwallowed, "trivy fs . || :", "a failure of trivy is thrown away"},
		{failuresSwallowed, "trivy fs . || echo found", "a failure of trivy is thrown away"},
		{failuresSwallowed, "trivy fs . || echo found && exit 1", ""},
		{failuresSwallowed, "trivy fs . || exit 0", "a failure of trivy ends in success"},
		{failuresSwallowed, "trivy fs . || exit 1", ""},
		{failuresSwallowed, "set +e", "set +e throws away what fails after it"},
		{failuresSwallowed, "set +o errexit", "set +e throws away what fails after it"},
		{failuresSwallowed, "set -e", ""},
		{failuresSwallowed, "make", "nothing looks at the code before make runs it: no scanner is among its commands"},
		{failuresSwallowed, "sudo -E make", "nothing looks at the code before make runs it: no scanner is among its commands"},
		{failuresSwallowed, "command -v make", ""},
		{failuresSwallowed, "gitleaks detect\nmake", ""},
		{failuresSwallowed, "make\ngitleaks detect", "gitleaks looks only after make has run code of the repository"},
		{failuresSwallowed, "npm ci\nnpm audit", "npm looks only after npm has run code of the repository"},
		{failuresSwallowed, "pip install requests", ""},
		{failuresSwallowed, "./gradlew build", "nothing looks at the code before gradlew runs it: no scanner is among its commands"},
	} {
		if got := says(c.code(built(t, c.command))); got != c.want {
			t.Errorf("%q:\n got %q\nwant %q", c.command, got, c.want)
		}
	}
}

// TestNoSecretNoEcho: a build without secrets may print what it likes.
func TestNoSecretNoEcho(t *testing.T) {
	s := built(t, "set -x\nenv\necho $TOKEN")
	text := s.owner.Project.Source.Buildspec.V.Reveal()
	p := &model.Project{Name: model.Of("app"), Source: model.Source{Type: model.Of("GITHUB"), Buildspec: model.Of(model.Hide(strings.Replace(text, "TOKEN: app/token", "", 1)))}}
	scene := NewScene(&model.Inventory{Projects: []*model.Project{p}}, nil, nil, time.Time{})
	if got := says(secretEchoed(scene.Subjects()[0])); got != "" {
		t.Error(got)
	}
	if got := says(secretEchoed(s)); !strings.Contains(got, "set -x") || !strings.Contains(got, "env prints") {
		t.Errorf("with a secret: %q", got)
	}
}

// TestImages: which images can become others.
func TestImages(t *testing.T) {
	for image, want := range map[string]string{
		"aws/codebuild/standard:7.0": "", "aws/codebuild/standard:4.0": "is no longer updated by AWS", "aws/codebuild/amazonlinux2-x86_64-standard:3.0": "is no longer updated by AWS",
		"aws/codebuild/amazonlinux-x86_64-lambda-standard:nodejs20": "", "golang:1.26": "is named by a tag, which can point to another image tomorrow",
		"golang@sha256:" + strings.Repeat("0a", 32): "", "golang:1.26@sha256:" + strings.Repeat("0a", 32): "",
		"golang@sha256:" + strings.Repeat("0a", 31): "is named by a tag, which can point to another image tomorrow",
		"x.example/aws/codebuild/standard:7.0":      "is named by a tag, which can point to another image tomorrow",
	} {
		s := built(t, "make")
		s.owner.Project.Env.Image = model.Of(image)
		if got := says(imageMutable(s)); got != want {
			t.Errorf("%s: %q, want %q", image, got, want)
		}
	}
	s := built(t, "make")
	s.owner.Project.Env.Image = model.Cannot[string]("it is computed")
	if got := says(imageMutable(s)); got != "the image is not known: it is computed" {
		t.Errorf("an unknown one: %q", got)
	}
}
