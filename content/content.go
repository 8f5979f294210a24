// Package content embeds what analysts contribute as files: detection rules,
// clarifying questions and the words by which a case is read. It imports nothing,
// so that any stage may read it, and holds no logic.
package content

import "embed"

// FS holds every content file. The txtar samples beside the rules are left out:
// they serve the tests, which read them from disk.
//
//go:embed access/*.yml access/calls/*.yml access/escalation/*.yml actions/*.yml questions/*.yml intake/*.yml intake/lang/*.yml attribution/*.yml ledger/*.yml noise/*.yml playbooks/*.yml hypotheses/*.yml detections/*/*.yml pipeline/*/*.yml recovery/*.yml reference/*.json wording/*.yml
var FS embed.FS
