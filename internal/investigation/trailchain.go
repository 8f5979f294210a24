package investigation

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/trailhound/trailhound/internal/claim"
	"github.com/trailhound/trailhound/internal/evidence"
)

// The digest files of a trail say which log files it delivered in each hour, and each names the one
// before it with its hash. So they tell a log that is quiet from one of which files are gone, which
// nothing else in the evidence can. Log files are looked for by their names, which CloudTrail makes
// unique; the signature is not checked, since the keys to it have to be asked of AWS.

// link is one digest file: what it says, and what its content hashes to.
type link struct {
	id, hash           string
	before, beforeHash string // the digest before it, "" for the first of a chain
	from, until        time.Time
	listed             int
	absent             []logFile // of the files that it lists, those that are not here
}

// logFile is a file that a digest lists.
type logFile struct {
	name           string
	oldest, newest time.Time
}

// trailOf tells the chains apart: the files of one trail in one account and region.
type trailOf struct{ account, region, name string }

const (
	maxLinks      = 500_000 // a year of hours in 20 regions of three accounts
	maxChainGaps  = 8       // limits about one chain
	maxNamedFiles = 3
)

// digestBody is the part of a digest file that is used.
type digestBody struct {
	PreviousDigestS3Object  string
	PreviousDigestHashValue string
	LogFiles                []struct{ S3Object, NewestEventTime, OldestEventTime string }
}

// readChains reads the digest files and looks for what they list among the artifacts.
func (in *inquiry) readChains(ctx context.Context) error {
	in.chains = map[trailOf][]link{}
	if in.observed.from == nil {
		return nil
	}
	var here map[string]bool
	n := 0
	for o, err := range in.observed.from.Observations(ctx, evidence.ObservationQuery{Kinds: []string{"trail_digest"}}) {
		if err != nil {
			return fmt.Errorf("read digest files: %w", err)
		}
		var d digestBody
		if n++; n > maxLinks || json.Unmarshal(o.Body, &d) != nil {
			continue
		}
		t := trailOf{o.Account, o.Region, chainName(o.ID)}
		if !accountID.MatchString(t.account) || !claim.Quotable(t.region) || !claim.Quotable(t.name) {
			continue // nothing that CloudTrail wrote
		}
		if here == nil { // only now: few evidence holds digests
			if here, err = in.fileNames(ctx); err != nil {
				return err
			}
		}
		l := link{id: o.ID, hash: o.Snapshot, before: d.PreviousDigestS3Object, beforeHash: d.PreviousDigestHashValue, from: o.Time, until: o.Until, listed: len(d.LogFiles)}
		for _, f := range d.LogFiles {
			file := logFile{name: path.Base(f.S3Object), oldest: evidence.ParseTime(f.OldestEventTime), newest: evidence.ParseTime(f.NewestEventTime)}
			// What lies before all of the evidence was not asked for: a digest of the first hour lists files
			// of the day before. The last files may be the very ones that somebody deleted.
			if !here[file.name] && !file.newest.Before(in.pass.survey.First) {
				l.absent = append(l.absent, file)
			}
		}
		in.chains[t] = append(in.chains[t], l)
	}
	for _, list := range in.chains {
		slices.SortStableFunc(list, func(a, b link) int {
			if c := a.until.Compare(b.until); c != 0 {
				return c
			}
			return strings.Compare(a.id+a.hash, b.id+b.hash)
		})
	}
	if n > 0 {
		in.note("digest files of trails", n)
	}
	return nil
}

// fileNames are the names of all that was collected, without their folders.
func (in *inquiry) fileNames(ctx context.Context) (map[string]bool, error) {
	artifacts, err := in.q.Artifacts(ctx)
	if err != nil {
		return nil, fmt.Errorf("list what was collected: %w", err)
	}
	names := map[string]bool{}
	for _, a := range artifacts {
		name := a.URI[strings.LastIndexByte(a.URI, '!')+1:]
		names[path.Base(name)] = true
	}
	return names, nil
}

// chainName is a digest's name without the time at its end: what its chain has in common.
func chainName(id string) string {
	name := path.Base(id)
	if i := strings.LastIndexByte(name, '_'); i > 0 {
		return name[:i]
	}
	return name
}

// chainLimits says what the digests show to be missing or changed.
func (in *inquiry) chainLimits() {
	for _, t := range sortedTrails(in.chains) {
		list := in.chains[t]
		listed, absent := 0, 0
		for _, l := range list {
			listed, absent = listed+l.listed, absent+len(l.absent)
		}
		if listed > 0 && absent == listed {
			in.limit("other", fmt.Sprintf("The digest files of %s in %s (%s) list %d log files, none of which is in the evidence under its name.", t.account, t.region, t.name, listed), nil,
				"Whether log files are missing cannot be told from them.")
			continue
		}
		said := 0
		say := func(text string, from, to time.Time, effect string) {
			if said++; said <= maxChainGaps {
				in.limit("trail_gap", text, &Interval{stamp(from), stamp(to)}, effect)
			}
		}
		for i, l := range list {
			in.absentFiles(t, l, say)
			if i > 0 {
				broken(t, list[i-1], l, say)
			}
		}
		if said > maxChainGaps {
			in.limit("other", fmt.Sprintf("The digest files of %s in %s (%s) show %d more such gaps.", t.account, t.region, t.name, said-maxChainGaps), nil, "What happened in them cannot be told.")
		}
	}
}

// absentFiles tells of the log files of one digest that are not in the evidence.
func (in *inquiry) absentFiles(t trailOf, l link, say func(string, time.Time, time.Time, string)) {
	if len(l.absent) == 0 {
		return
	}
	var names []string
	from, to := l.until, l.from
	for _, f := range l.absent {
		if !f.oldest.IsZero() && f.oldest.Before(from) {
			from = f.oldest
		}
		if f.newest.After(to) {
			to = f.newest
		}
		if len(names) < maxNamedFiles && claim.Quotable(f.name) {
			names = append(names, f.name)
		}
	}
	if to.Before(from) {
		from, to = l.from, l.until
	}
	if more := len(l.absent) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	say(fmt.Sprintf("The digest of account %s in %s for %s to %s lists log files that are not in the evidence (%d of %d): %s.", t.account, t.region, stamp(l.from), stamp(l.until),
		len(l.absent), l.listed, strings.Join(names, ", ")),
		from, to, "What happened then cannot be told. The files were delivered: what is not in the bucket any more was deleted there.")
}

// changed says that the digest after it tells of another content than it has.
func (l link) changed(next link) bool {
	return next.before == l.id && next.beforeHash != "" && l.hash != "" && !strings.EqualFold(next.beforeHash, l.hash)
}

// broken tells how two digests that follow one another in the evidence do not.
func broken(t trailOf, a, b link, say func(string, time.Time, time.Time, string)) {
	where := fmt.Sprintf("of account %s in %s", t.account, t.region)
	switch {
	case a.changed(b):
		say(fmt.Sprintf("The digest %s for %s to %s is not the one that the digest after it tells of: it was changed.", where, stamp(a.from), stamp(a.until)),
			a.from, a.until, "Nothing that it says of the log files of that hour can be relied on, nor that they are all there.")
	case b.before == "" && b.from.After(a.until):
		say(fmt.Sprintf("The digests %s begin anew at %s; the last one before ends at %s.", where, stamp(b.from), stamp(a.until)),
			a.until, b.from, "Logging, or the validation of log files, was off between. Nothing shows that all log files of that time are there.")
	case b.before != "" && b.before != a.id && b.from.After(a.until):
		say(fmt.Sprintf("Digests %s for %s to %s are not in the evidence, though they were delivered.", where, stamp(a.until), stamp(b.from)),
			a.until, b.from, "Nothing shows that all log files of that time are there.")
	}
}

// complete says whether digests without a break show that every log file of a place that was delivered
// over an interval is here: then its silence is no gap. Every chain of the place has to show it: one trail
// may record nothing but data events, and say nothing of what another missed.
func (in *inquiry) complete(account, region string, from, to time.Time) bool {
	some := false
	for t, list := range in.chains {
		if t.account != account || t.region != region {
			continue
		}
		if some = true; !whole(list, from, to) {
			return false
		}
	}
	return some
}

// whole says whether one chain has no break over an interval. A file may hold events of the hour before.
func whole(list []link, from, to time.Time) bool {
	at := from
	for i, l := range list {
		switch {
		case l.until.Before(at) || len(l.absent) > 0 || i+1 < len(list) && l.changed(list[i+1]):
			continue // it shows nothing of the time that is asked about; at stays where it is
		case l.from.After(at):
			return false // something is missing between
		}
		if at = l.until; at.After(to) {
			return true
		}
	}
	return false
}

// sortedTrails orders the chains.
func sortedTrails(chains map[trailOf][]link) []trailOf {
	out := make([]trailOf, 0, len(chains))
	for t := range chains {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b trailOf) int {
		return strings.Compare(a.account+"\x00"+a.region+"\x00"+a.name, b.account+"\x00"+b.region+"\x00"+b.name)
	})
	return out
}
