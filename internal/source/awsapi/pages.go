package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// ErrPageRepeats is an answer that names itself as the next page.
var ErrPageRepeats = errors.New("the next page is the one just read")

// Pages makes a call for every page of its answer and gives them to visit, each
// as it came. The error is visit's own, or of the call: then the pages before
// it were visited, and stand.
func Pages(ctx context.Context, api API, c Call, visit func(Answer) error) error {
	op, _, ok := find(c.Service, c.Operation)
	if !ok {
		return fmt.Errorf("%s %s: %w", c.Service, c.Operation, ErrNotListed)
	}
	seen := map[string]bool{}
	for {
		a, err := api.Call(ctx, c)
		if err != nil {
			return err
		}
		if err := visit(a); err != nil {
			return err
		}
		next, err := nextPage(a.Body, op.out)
		if err != nil || next == "" {
			return err
		}
		// Any page seen before, not just the last: two that name each other would go
		// on for ever as well.
		if seen[next] {
			return fmt.Errorf("%s %s: %w", c.Service, c.Operation, ErrPageRepeats)
		}
		seen[next] = true
		// The caller's input stays without a token, so that it can be asked with
		// again.
		in := maps.Clone(c.Input)
		if in == nil {
			in = Input{}
		}
		in[op.in] = next
		c.Input = in
	}
}

func nextPage(body []byte, member string) (string, error) {
	if member == "" {
		return "", nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	var token string
	if raw, ok := members[member]; ok && string(raw) != "null" {
		if err := json.Unmarshal(raw, &token); err != nil {
			return "", fmt.Errorf("read the answer: %s: %w", member, err)
		}
	}
	return token, nil
}
