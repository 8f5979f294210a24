package ledger

import (
	"strings"

	"github.com/trailhound/trailhound/internal/evidence"
)

// Record is one record of DNS that a call sets or takes away.
type Record struct {
	Name, Type string   // the name as the call has it
	Key        string   // "www.example.com/MX", and "/set" behind it of one of several that take turns
	Values     []string // what it leads to, as written
	Gone       bool     // the call takes it away
}

// Records reads what ChangeResourceRecordSets sets and takes away: one name may have a
// record of each type, and none of them is the other. Where one batch takes a record
// away and makes it again, it is set. Names are compared without case and final dot.
func Records(r evidence.Record) []Record {
	var out []Record
	at := map[string]int{}
	for _, item := range r.All("requestParameters.changeBatch.changes") {
		m, ok := item.(map[string]any)
		if !ok {
			continue
		}
		change := evidence.Record(m)
		set := func(field string) string { return change.Str("resourceRecordSet." + field) }
		x := Record{Name: set("name"), Type: set("type"), Gone: strings.EqualFold(change.Str("action"), "DELETE")}
		if x.Name == "" || len(x.Name) > maxID || len(out) == maxValues {
			continue
		}
		x.Key = strings.ToLower(strings.TrimSuffix(x.Name, "."))
		for _, part := range []string{x.Type, set("setIdentifier")} {
			if part != "" {
				x.Key += "/" + part
			}
		}
		x.Values = append(change.Strs("resourceRecordSet.resourceRecords.value"), change.Strs("resourceRecordSet.aliasTarget.dNSName")...)
		k, twice := at[x.Key]
		switch {
		case !twice:
			at[x.Key], out = len(out), append(out, x)
		case !x.Gone:
			out[k] = x
		}
	}
	return out
}

// recordKeys are the keys of those that a call sets, or of those that it takes away.
func recordKeys(r evidence.Record, gone bool) (out []string) {
	for _, x := range Records(r) {
		if x.Gone == gone {
			out = append(out, x.Key)
		}
	}
	return out
}
