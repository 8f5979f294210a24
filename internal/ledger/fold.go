package ledger

// fold lets a parent's row speak for its many small parts: past a number of
// them that the table sets, the objects of a bucket are not rows of their own.
// What was done to them, and by which events, moves to the bucket's row.
func (b *book) fold() {
	groups := map[string][]string{}
	for _, k := range sortedKeys(b.rows) {
		r := b.rows[k]
		if r.id.thing.Fold == 0 || r.up.key == "" {
			continue
		}
		groups[b.key(r.up.key)] = append(groups[b.key(r.up.key)], k)
	}
	for _, up := range sortedKeys(groups) {
		members := groups[up]
		first := b.rows[members[0]]
		if len(members) <= first.id.thing.Fold {
			continue
		}
		whole := b.rows[up]
		if whole == nil {
			whole = &row{id: first.up, effects: map[string]bool{}}
			b.rows[up] = whole
		}
		for _, k := range members {
			r := b.rows[k]
			whole.tried = whole.tried || r.tried
			for e := range r.effects {
				if e == Created || e == Deleted {
					e = Modified // an object made or deleted changes the bucket
				}
				whole.effects[e] = true
			}
			for _, x := range r.by {
				whole.add(x)
			}
			if r.changed != nil && (whole.changed == nil || whole.changed.at.Before(r.changed.at)) {
				whole.changed, whole.loose = r.changed, true
			}
			delete(b.rows, k)
		}
	}
}
