package simulator

import (
	"fmt"
	"time"
)

var grownBackup = incident{
	name:  "grown-backup",
	kind:  "s3_exfiltration_or_ransom",
	about: "no incident: the nightly copy of a bucket is given a second prefix and a night shift of its own, and reads ten times as much as ever",
	weeks: 4,
	tell:  tellGrownBackup,
}

// What is hard here: reads in bulk of customer data, by night, right after the
// backup was changed; nothing but the amount is new, and amount is no identity.
func tellGrownBackup(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	backup := w.prod.newUser("offsite-" + pick(r, w.words(products)))
	backup.key = backup.newKey()
	from := w.plan.cloud().addr(8)
	tool := r.goSDK()
	at := w.day(22+r.IntN(3), 1, r.IntN(40))
	w.exported(w.day(int(at.Add(w.zone).Sub(w.start)/(24*time.Hour)), 12, 0))
	s.actors = append(s.actors, &habit{r: w.stream("backup"), cred: backup.key, ip: from, agent: tool, region: w.region,
		rate: func(local time.Time) float64 {
			if local.Hour() < 4 {
				return 0.9
			}
			return 0
		},
		does: func(c *client) {
			c.listObjects(w.records, "daily/", "")
			for range 3 + c.r.IntN(4) {
				c.pause(time.Second, 5*time.Second)
				c.object("GetObject", w.records, c.objectKey("daily"), 0, 100_000+c.r.IntN(900_000), "")
			}
		}})
	c := &client{s: s, r: w.stream("grown"), cred: backup.key, ip: from, agent: tool, region: w.region, now: at, as: decoy("the nightly copy takes a second prefix")}
	for _, prefix := range []string{"daily", "customers"} {
		c.listObjects(w.records, prefix+"/", "")
		for range 90 {
			c.pause(time.Second, 3*time.Second)
			c.object("GetObject", w.records, c.objectKey(prefix), 0, 100_000+c.r.IntN(900_000), "")
		}
	}
	t.Sentence = fmt.Sprintf("Data events show that user %s read about ten times as many objects from %s last night (%s) as usual, customer files among them. Is somebody taking our data?",
		backup.name, w.records, longDate(at.Add(w.zone)))
	t.Expected = Expected{Status: "no_incident", Kind: "s3_exfiltration_or_ransom"}
	t.Answers = map[string]string{
		"owner":           fmt.Sprintf("%s is our off-site copy, from %s only", backup.name, from),
		"planned_changes": "the copy was extended to customers/ on that day by the storage team",
		"critical_assets": "bucket " + w.records,
	}
	t.indicate("userName", backup.name, "")
	t.NotObservable = []string{"where the copy is kept"}
}
