package simulator

import (
	"fmt"
	"time"
)

var customerKeyRansom = incident{
	name:  "customer-key-ransom",
	kind:  "s3_exfiltration_or_ransom",
	about: "the build user's key leaks; the intruder rewrites a bucket's objects in place under a key of their own (SSE-C) and leaves a note, while builds go on under the same key",
	weeks: 4,
	tell:  tellCustomerKeyRansom,
}

// What is hard here: nothing is deleted and nothing leaves. A copy of an object
// onto itself looks like housekeeping; what it was encrypted with is a header.
func tellCustomerKeyRansom(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	at := w.day(21+r.IntN(3), 23, r.IntN(50))
	w.exported(at.Add(11 * time.Hour))
	p := s.pipeline()
	p.as = after(at.Add(-2*time.Hour), decoy("builds go on under the same key"))
	for i := range 3 {
		p.run(s, at.Add(time.Duration(2+i*2)*time.Hour))
	}

	c := s.thief("sse-c", w.ci.key, w.plan.place(), w.stream("thief-tool").cliLinux(), at)
	t.shows("IA-001", c.callerIdentity())
	c.pause(5*time.Second, 20*time.Second)
	c.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+c.region+".amazonaws.com")})
	c.pause(9*time.Second, 40*time.Second)
	c.bucketCall("GetBucketVersioning", w.records, kindOfBucketRead["GetBucketVersioning"], "", "DS-004")
	c.pause(9*time.Second, 40*time.Second)
	for range 60 + r.IntN(30) {
		c.pause(time.Second, 4*time.Second)
		c.rewrite(c.objectKey("customers"))
	}
	c.pause(20*time.Second, time.Minute)
	c.object("PutObject", w.records, "HOW_TO_RESTORE.txt", 1200, 0, "IM-018")

	t.Sentence = fmt.Sprintf("customer files in %s cannot be opened since last night (%s), each asks for a key that we never set. a note wants bitcoin. how did they get in and is it still going on",
		w.records, longDate(at.Add(w.zone)))
	t.Expected = Expected{Status: "incident", Kind: "s3_exfiltration_or_ransom"}
	t.Answers = map[string]string{
		"owner":           fmt.Sprintf("%s is our build user, it runs only on the build agents %s", w.ci.name, cidr(w.farm)),
		"critical_assets": "bucket " + w.records,
	}
	t.indicate("bucket", w.records, "where the files are")
	t.indicate("accessKeyId", w.ci.key.key, "not in the sentence: to be found")
	t.NotObservable = []string{"the customer key the objects were rewritten with", "how the key was lost"}
}
