package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/trailhound/trailhound/internal/detection/sigma"
)

// loadSigma reads a folder of rules. Rules that were refused are in the pack;
// only a folder of which nothing can be used is an error.
func loadSigma(dir string) (*sigma.Pack, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, withHint(fmt.Errorf("there is no folder %s", dir), "check the path given with --sigma")
	}
	pack, err := sigma.Load(os.DirFS(dir), ".")
	switch {
	case pack == nil:
		return nil, err
		// An empty folder and one whose rules are all refused are told apart: the first is a wrong path,
		// the second a misunderstanding about what such rules are.
	case len(pack.Rules) == 0 && len(pack.Refused) == 0:
		return nil, withHint(fmt.Errorf("%s holds no Sigma rule", dir), "rules are files that end in .yml or .yaml")
	case len(pack.Rules) == 0:
		return nil, withHint(fmt.Errorf("%s holds no Sigma rule that can be used: %d were refused, the first is %w", dir, len(pack.Refused), pack.Refused[0]),
			"rules must be about product aws, service cloudtrail")
	}
	return pack, nil
}

// sigmaRefused says which rules will not be asked: their silence means nothing.
func (a *app) sigmaRefused(p *sigma.Pack) {
	other, faults := 0, 0
	for _, r := range p.Refused {
		if r.OtherLog {
			other++
			continue
		}
		if faults++; faults <= maxMentioned {
			fmt.Fprintf(a.stderr, "refused: %s\n", safe(r.Error()))
		}
	}
	if faults > maxMentioned {
		fmt.Fprintf(a.stderr, "refused: and %d more; --format json lists all\n", faults-maxMentioned)
	}
	fmt.Fprintf(a.stderr, "%d Sigma rules, %d refused, %d about other logs\n", len(p.Rules), faults, other)
}

// sigmaGaps says what the result lacks.
func (a *app) sigmaGaps(res *sigma.Result) {
	if res.Unread > 0 {
		fmt.Fprintf(a.stderr, "%d events could not be read by the rules, the first is %s\n", res.Unread, safe(res.Unreadable[0]))
	}
	dropped := 0
	for _, n := range res.Dropped {
		dropped += n
	}
	// What is left out of a result is said: a rule that fires on everything hides behind its cap.
	if dropped > 0 {
		fmt.Fprintf(a.stderr, "%d matches of %d rules are beyond %d a rule and are left out\n", dropped, len(res.Dropped), sigma.MaxAlerts)
	}
}

// sigmaTest loads the Sigma rules of a content folder, if it has any.
func (a *app) sigmaTest(dir string) error {
	dir = filepath.Join(dir, "sigma")
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	pack, err := sigma.Load(os.DirFS(dir), ".")
	if pack == nil {
		return err
	}
	for _, r := range pack.Refused { // rules for other logs too: in a folder of one's own they are a slip
		fmt.Fprintln(a.stdout, safe("sigma/"+r.Error()))
	}
	fmt.Fprintf(a.stdout, "%d Sigma rules: %d refused\n", len(pack.Rules), len(pack.Refused))
	if len(pack.Refused) > 0 {
		return codeError(exitFailed)
	}
	return nil
}
