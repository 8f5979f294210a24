package simulator

import (
	"fmt"
	"time"
)

var wrongKey = incident{
	name:  "wrong-key",
	kind:  "leaked_access_key",
	about: "no case for this evidence: the key that the sentence names belongs to another account, and nothing unusual happened here",
	weeks: 4,
	tell:  tellWrongKey,
}

// What is hard here: to say that what is named is not in the evidence, and to
// leave it at that. Whoever looks for a culprit finds odd things in any account:
// this one has a scan, and an administrator who makes a key.
func tellWrongKey(s *sim) {
	w, t := s.w, &s.truth
	at := w.day(22, 11, w.stream("story").IntN(50))
	w.exported(at.Add(30 * time.Hour))
	elsewhere := newAccount(w.stream("account", "elsewhere"))
	key := elsewhere.mint("AKIA")

	as := decoy("an administrator gives a user a key, in the office")
	admin := w.admin0()
	c := s.inOffice(admin, at, as)
	c.cred = c.identityCenter(admin)
	c.agent = admin.cli
	c.pause(time.Minute, 2*time.Minute)
	u, _ := c.createUser(w.plausible("user", "svc-export", "mail-relay"), "")
	c.pause(40*time.Second, 2*time.Minute)
	c.createKey(u, "")
	v := s.vendor(w.stream("vendor", "extra"), at.Add(3*time.Hour))
	v.as = decoy("the posture vendor's scan, once more")
	for i := range 20 {
		v.do(w.sweep(v, i))
		v.pause(time.Second, 3*time.Second)
	}

	t.Sentence = fmt.Sprintf("AWS support wrote that access key %s was found on a public code host on %s. What was done with it?", key, longDate(at.Add(w.zone)))
	t.Expected = Expected{Status: "inconclusive", Kind: "leaked_access_key"}
	t.Answers = map[string]string{"owner": "we do not know whose key that is"}
	t.indicate("accessKeyId", key, "of an account whose log is not here")
	t.NotObservable = []string{"anything done with the key: it belongs to account " + elsewhere.id}
}
