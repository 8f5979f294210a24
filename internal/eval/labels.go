package eval

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Case is one thing to investigate and score.
type Case struct {
	Truth    Truth
	Evidence []string // paths
}

// labels are the ground truth files that lie beside the real data sets.
// They follow what the source of a set documents, and are judgement elsewhere. A file holds one
// case, or many of them (Cases).
type labels struct {
	Seeds  []indicator     `json:"seed_indicators"`
	Attack []string        `json:"attack_event_ids"`
	Tiers  map[string]tier `json:"tiers"`
	Cases  []detonation    `json:"cases"`
}

type indicator struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type tier struct {
	Events []string `json:"event_ids"`
}

// detonation is one case of the Stratus Red Team set: a single technique. Its labels list no
// harmless events, so whatever is not of the attack counts as such.
type detonation struct {
	ID     string      `json:"stratus_id"`
	File   string      `json:"file"`
	Seeds  []indicator `json:"seed_indicators"`
	Attack []string    `json:"attack_event_ids"`
	Tech   []struct {
		ID string `json:"id"`
	} `json:"techniques"`
}

// innocentTiers are those of the labels that nobody may be blamed for; the
// others beside the attack are the operator's own and count neither way.
var innocentTiers = []string{"aws_services", "benign_responder_benjamin", "lab_instance_agent"}

// Real lists the cases of the real data sets laid out under dir, with the
// seed of each taken from the first of its labels' seed indicators.
// A file that is missing or malformed is an error: a case that is skipped in silence would
// flatter the scores. Nothing is read here but the labels; the paths of evidence are made up
// of the layout that the sets are fetched into, and need not exist.
func Real(dir string) ([]Case, error) {
	var out []Case
	l, err := read(dir, "invictus_stratus_2023.json")
	if err != nil {
		return nil, err
	}
	t := l.truth("invictus", []string{"incident"})
	for name, tier := range l.Tiers {
		switch {
		case slices.Contains(innocentTiers, name):
			t.Innocent = append(t.Innocent, tier.Events...)
		case name != "detonation":
			t.Neutral = append(t.Neutral, tier.Events...)
		}
	}
	t.Decoys = []Decoy{{"innocent", t.Innocent}}
	out = append(out, Case{t, []string{filepath.Join(dir, "invictus-aws_dataset", "CloudTrail")}})

	if l, err = read(dir, "otrf_cloud_breach_s3.json"); err != nil {
		return nil, err
	}
	t = l.truth("otrf", []string{"incident"})
	t.Attacks = []string{"T1552.005", "T1530"}
	out = append(out, Case{t, []string{filepath.Join(dir, "otrf-security-datasets")}})

	if l, err = read(dir, "davidarpasi_iam_persistence.json"); err != nil {
		return nil, err
	}
	t = l.truth("davidarpasi", nil)
	t.Attacks = []string{"T1136.003", "T1098.001", "T1098.003"}
	out = append(out, Case{t, []string{filepath.Join(dir, "davidarpasi-lab")}})

	if l, err = read(dir, "stratus_detonation_logs.dev.json"); err != nil {
		return nil, err
	}
	for _, c := range l.Cases {
		one := labels{Seeds: c.Seeds, Attack: c.Attack}
		t := one.truth("stratus "+strings.TrimPrefix(c.ID, "aws."), nil)
		out = append(out, Case{t, []string{filepath.Join(dir, filepath.FromSlash(c.File))}})
	}
	out = append(out, Case{
		// The set has no incident in it. Attack and Persistence are
		// empty and not nil: nothing is to be blamed, and whatever is called live is a phantom.
		Truth{Name: "boogy", Sentence: "Is anything wrong in this account?", Status: []string{"no_incident", "inconclusive"}, Attack: []string{}, Persistence: []Item{}},
		[]string{filepath.Join(dir, "boogy-eks-prod-sample", "examples", "cloudtrail.json")},
	})
	return out, nil
}

func read(dir, name string) (labels, error) {
	var l labels
	data, err := os.ReadFile(filepath.Join(dir, "ground_truth", name))
	if err != nil {
		return l, fmt.Errorf("read labels: %w", err)
	}
	if err := json.Unmarshal(data, &l); err != nil {
		return l, fmt.Errorf("read labels %s: %w", name, err)
	}
	return l, nil
}

// truth is the case as a responder would put it, who knows one indicator and not what kind
// of attack it is. status nil takes any verdict, where the labels do not say which is right.
func (l labels) truth(name string, status []string) Truth {
	t := Truth{Name: name, Status: status, Attack: l.Attack}
	if len(l.Seeds) == 0 {
		return t
	}
	s := l.Seeds[0]
	switch s.Type {
	case "accessKeyId":
		t.SeedKey = s.Value
		t.Sentence = "The access key " + s.Value + " has been stolen."
	case "userName":
		t.SeedUser = s.Value
		t.Sentence = "IAM user " + s.Value + " has been compromised."
	case "sourceIPAddress":
		t.SeedIP = s.Value
		t.Sentence = "Unusual API calls from the address " + s.Value + "."
	default:
		t.Sentence = s.Value + " is suspicious."
	}
	return t
}
