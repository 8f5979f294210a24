package main

import (
	"bytes"
	"fmt"

	"github.com/trailhound/trailhound/internal/posture/pipeline/drift"
	"github.com/trailhound/trailhound/internal/posture/pipeline/read"
)

// approve writes the baseline and its signature. It refuses an inventory with gaps, and writes the
// signature last, so that there is never a signature of a baseline that is not there.
func (a *app) approve(f *driftFlags, res *read.Result) error {
	if len(res.Inventory.Gaps) > 0 {
		g := res.Inventory.Gaps[0]
		return withHint(fmt.Errorf("%d things could not be read, the first is %s %s: %s; a baseline of the rest would approve what nobody saw", len(res.Inventory.Gaps), g.Region+g.At, g.What, g.Why),
			"read only what can be read: name the regions or the files")
	}
	// What is approved is written as it is, weak or not: approving says "as known", not "as good".
	b, err := drift.Approve(named(res.Inventory.Projects, f.projects), a.now(), f.by)
	if err != nil {
		return err
	}
	// The bytes that are signed are those that are written: a second encoding could differ.
	var out bytes.Buffer
	if err := encodePlain(&out, b); err != nil {
		return err
	}
	if f.sign == "" {
		return a.deliver(f.approve, out.Bytes())
	}
	key, err := readDocument(f.sign)
	if err != nil {
		return hintFor(fmt.Errorf("read the key: %w", err))
	}
	sig, err := drift.Sign(key, out.Bytes())
	if err != nil {
		return withHint(fmt.Errorf("%s: %w", f.sign, err), "openssl genpkey -algorithm ed25519 makes one")
	}
	if err := a.deliver(f.approve, out.Bytes()); err != nil {
		return err
	}
	return a.deliver(f.approve+".sig", sig)
}

// signedBaseline holds a baseline against its signature, if a key is there to do so.
func (a *app) signedBaseline(f *driftFlags, data []byte) error {
	sig, err := readDocument(f.baseline + ".sig")
	// A signature that nobody checks protects nothing, which whoever put it there should know.
	if f.verifyKey == "" {
		if err == nil {
			fmt.Fprintf(a.stderr, "%s is signed, and the signature was not looked at: give --verify-key\n", safe(f.baseline))
		}
		return nil
	}
	if err != nil {
		return hintFor(fmt.Errorf("read the signature: %w", err))
	}
	key, err := readDocument(f.verifyKey)
	if err != nil {
		return hintFor(fmt.Errorf("read the key: %w", err))
	}
	if err := drift.Verify(key, data, sig); err != nil {
		return withHint(fmt.Errorf("%s: %w", f.baseline, err), "approve anew, or give the key of whoever approved it")
	}
	return nil
}
