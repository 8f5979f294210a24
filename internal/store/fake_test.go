package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/evidence/memory"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
)

// file is an artifact as a fake reader hands it over.
type file struct {
	art    evidence.Artifact
	events []evidence.Event
}

// newFile makes an artifact of events; its id hangs on their content.
func newFile(uri string, events []evidence.Event) file {
	h := sha256.New()
	for i := range events {
		fmt.Fprintln(h, events[i].Fingerprint, events[i].Lossy)
	}
	id := hex.EncodeToString(h.Sum(nil))
	own := slices.Clone(events)
	for i := range own {
		own[i].Ref = evidence.Ref{Artifact: id, Index: int64(i), Offset: int64(i) * 100}
	}
	return file{
		art:    evidence.Artifact{ID: id, URI: uri, Size: int64(len(events)) * 7, Kind: evidence.KindCloudTrail, Records: len(events)},
		events: own,
	}
}

// reader hands files over the way the real one does: in pieces, several files
// taking turns, in an order that hangs on seed, and without fingerprints.
func reader(files []file, seed uint64) readFunc {
	return func(ctx context.Context, _ []string, known func(string) bool, _ ImportOptions, emit func(batch) error) error {
		rnd := rand.New(rand.NewPCG(seed, 1))
		type turn struct {
			file
			at int
		}
		var turns []*turn
		for _, i := range rnd.Perm(len(files)) {
			turns = append(turns, &turn{file: files[i]})
		}
		for len(turns) > 0 {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			i := rnd.IntN(min(3, len(turns)))
			// Two readings of one place never overlap: the real reader has the second
			// wait for the first, whose events it could not be told from.
			if begun := slices.IndexFunc(turns, func(o *turn) bool { return o.at > 0 && o.art.URI == turns[i].art.URI }); begun >= 0 {
				i = begun
			}
			t := turns[i]
			if known(t.art.ID) {
				t.at = len(t.events)
			}
			n := min(1+rnd.IntN(40), len(t.events)-t.at)
			b := batch{Artifact: t.art, Events: slices.Clone(t.events[t.at : t.at+n])}
			for i := range b.Events {
				b.Events[i].Fingerprint = ""
			}
			t.at += n
			if b.Done = t.at == len(t.events); b.Done {
				turns = slices.Delete(turns, i, i+1)
			}
			if err := emit(b); err != nil {
				return err
			}
		}
		return nil
	}
}

// load imports files into a store.
func load(t testing.TB, s *Store, files []file, seed uint64) Summary {
	t.Helper()
	sum, err := s.importFrom(t.Context(), reader(files, seed), nil, ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func create(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Create(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// tiny makes every path of an import run on a handful of events.
var tiny = limits{batch: 64 << 10, runs: 3, fanIn: 3, partRows: 10, hashes: 16, digestRows: 8, volatile: true,
	accountRows: 3, accounts: 100, partitions: 3, openParts: 1}

func allOf(t testing.TB, q evidence.Querier, query evidence.Query) []evidence.Event {
	t.Helper()
	var out []evidence.Event
	for e, err := range q.Events(context.Background(), query) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// oracle answers the same questions from memory.
func oracle(files []file) *memory.Store {
	var events []evidence.Event
	var arts []evidence.Artifact
	seen := map[string]bool{}
	for _, f := range files {
		events = append(events, slices.Clone(f.events)...)
		if !seen[f.art.ID] {
			seen[f.art.ID] = true
			arts = append(arts, f.art)
		}
	}
	return memory.New(events, arts...)
}

func pick(t *rapid.T, name string, from ...string) string {
	return rapid.SampledFrom(from).Draw(t, name)
}

var day0 = time.Date(2023, 11, 2, 23, 59, 57, 0, time.UTC)

// drawEvent makes an event from few values, so that repetitions, conflicts and
// lossy forms of one event come up often. Like a decoder, it makes the columns
// and the fingerprint from one content.
func drawEvent(t *rapid.T) evidence.Event {
	text := func(name string) string {
		return rapid.OneOf(rapid.Just(""), rapid.StringN(0, 12, 40), rapid.SampledFrom([]string{"a", "ünï", "x\x00y", "=1+1", "日本"})).Draw(t, name)
	}
	e := evidence.Event{
		ID:        pick(t, "id", "e1", "e2", "e3", "e4", "e5", "e6"),
		Time:      day0.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "s")) * time.Second),
		Source:    pick(t, "source", "iam.amazonaws.com", "s3.amazonaws.com", ""),
		Name:      pick(t, "name", "GetUser", "PutObject", ""),
		RawName:   text("raw"),
		Type:      text("type"),
		Category:  text("category"),
		Account:   pick(t, "account", "111111111111", "222222222222", "333333333333", "", "../../x"),
		Region:    pick(t, "region", "eu-west-1", "us-east-1"),
		SourceIP:  pick(t, "ip", "192.0.2.1", "198.51.100.7", "ec2.amazonaws.com"),
		UserAgent: text("ua"), ErrorCode: pick(t, "code", "", "AccessDenied"), ErrorMessage: text("msg"),
		RequestID: text("req"), SharedID: pick(t, "shared", "", "sh1", "sh2"), VPCEndpoint: text("vpce"),
		ReadOnly: rapid.Bool().Draw(t, "ro"), ReadOnlySaid: rapid.Bool().Draw(t, "ros"),
		Identity: evidence.Identity{
			Type: text("itype"), PrincipalID: pick(t, "pid", "AROAX:one", "AROAX:two", "AIDAY", ""),
			ARN: pick(t, "arn", "arn:aws:iam::1:user/a", "arn:aws:iam::1:user/b", ""), Account: text("iacct"),
			AccessKey: pick(t, "key", "AKIAEXAMPLE1", "ASIAEXAMPLE2", ""), UserName: text("uname"), InvokedBy: text("inv"),
			IssuerType: text("isst"), IssuerID: text("issid"), IssuerARN: pick(t, "issarn", "arn:aws:iam::1:role/r", ""), IssuerName: text("issn"),
			MFA: text("mfa"), FromConsole: rapid.Bool().Draw(t, "con"), SourceIdentity: text("si"), OnBehalfOf: text("obo"),
			CredentialID: text("cid"), InScopeOf: text("iso"), RoleDelivery: text("rd"),
		},
	}
	if rapid.Bool().Draw(t, "created") {
		e.Identity.SessionCreated = time.Unix(rapid.Int64Range(-1, 1<<33).Draw(t, "createdAt"), 0).UTC()
	}
	for range rapid.IntRange(0, 3).Draw(t, "nres") {
		e.Resources = append(e.Resources, pick(t, "res", "arn:aws:s3:::b", "i-0abc", "res3"))
	}
	slices.Sort(e.Resources)
	e.Resources = slices.Compact(e.Resources)
	e.Lossy = rapid.IntRange(0, 3).Draw(t, "lossy") == 0
	seal(&e)
	return e
}

// seal gives an event its record and fingerprint.
func seal(e *evidence.Event) {
	e.Body, e.Fingerprint = nil, ""
	body, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	e.Body = body
	e.Fingerprint = cloudtrail.Fingerprint(body)
}

// drawFiles makes artifacts that overlap: some events stand in several.
func drawFiles(t *rapid.T) []file {
	var pool []evidence.Event
	exports := rapid.Bool().Draw(t, "exports") // without any that is lossy, much is done otherwise
	for range rapid.IntRange(1, 25).Draw(t, "pool") {
		e := drawEvent(t)
		if e.Lossy = e.Lossy && exports; !e.Lossy {
			seal(&e)
		}
		pool = append(pool, e)
	}
	for _, e := range slices.Clone(pool) { // other forms of the same events
		twin := rapid.IntRange(0, 5).Draw(t, "twin")
		if twin < 2 && !exports {
			continue
		}
		switch twin {
		case 0: // an export that drops fields, or flattens them otherwise
			e.Lossy, e.UserAgent, e.Resources, e.Identity.PrincipalID = true, "", nil, pick(t, "lossyPID", "", "AROAX:one")
			e.Account = pick(t, "lossyAccount", e.Account, "", "222222222222")
			seal(&e)
			pool = append(pool, e)
		case 1: // one that drops nothing
			e.Lossy = true
			pool = append(pool, e)
		case 2: // the same id and moment, told differently
			e.UserAgent += "!"
			e.Account = pick(t, "twinAccount", e.Account, "222222222222", "333333333333")
			seal(&e)
			pool = append(pool, e)
		}
	}
	var files []file
	for i := range rapid.IntRange(1, 5).Draw(t, "files") {
		var events []evidence.Event
		for _, j := range rapid.SliceOfN(rapid.IntRange(0, len(pool)-1), 0, 30).Draw(t, "members") {
			events = append(events, pool[j])
		}
		files = append(files, newFile(fmt.Sprintf("file-%d", i), events))
	}
	return files
}
