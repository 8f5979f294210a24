package simulator

import (
	"fmt"
	"time"
)

var oneKeyTwoThieves = incident{
	name:  "one-key-two-thieves",
	kind:  "leaked_access_key",
	about: "two intruders on one leaked key: one sweeps models and mail and is refused nearly everything, the other quietly plants a key and removes what the first one made",
	weeks: 4,
	tell:  tellOneKeyTwoThieves,
}

// What is hard here: the second is quiet and late, removes the first one's user
// as a defender would, and comes from one place for one minute.
func tellOneKeyTwoThieves(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	owner := w.iamUsers()[2]
	day := 20 + r.IntN(3)
	at := w.day(day, 1, r.IntN(50))
	w.exported(at.Add(60 * time.Hour))

	loud := s.thief("loud", owner.user.key, w.plan.place(), w.stream("loud tool").botoLinux(), at)
	t.shows("IA-001", loud.callerIdentity())
	loud.pause(time.Second, 4*time.Second)
	for _, region := range []string{"us-east-1", "us-west-2", "eu-central-1", "ap-northeast-1"} {
		loud.deny(call{service: "bedrock", name: "ListFoundationModels", region: region}, "*", "")
		loud.deny(call{service: "ses", name: "GetSendQuota", region: region}, "*", "")
		loud.deny(call{service: "servicequotas", name: "ListServiceQuotas", region: region}, "*", "")
		loud.pause(time.Second, 4*time.Second)
	}
	u, made := loud.createUser(w.plausible("user", "mailer-%", "ses-relay"), "PR-001")
	loud.pause(time.Second, 9*time.Second)
	t.persist("iam_user", u.arn, "removed", made)

	quiet := s.thief("quiet", owner.user.key, w.plan.home(), w.stream("quiet tool").cliMac(), at.Add(31*time.Hour))
	quiet.do(call{service: "iam", name: "ListUsers", req: o("maxItems", 100)})
	quiet.pause(9*time.Second, 30*time.Second)
	gone := quiet.do(call{service: "iam", name: "DeleteUser", req: o("userName", u.name)})
	t.Persistence[0].EventIDs = append(t.Persistence[0].EventIDs, gone)
	quiet.pause(9*time.Second, 30*time.Second)
	k, keyed := quiet.createKey(w.iamUsers()[1].user, "PR-002")
	t.persist("access_key", k.key, "live", keyed)

	t.Sentence = fmt.Sprintf("key of %s maybe leaked?? somebody created user %s on %s, no ticket, user is gone now. acct %s",
		owner.name, u.name, at.Add(w.zone).Format("02/01/2006"), w.prod.id)
	t.Expected = Expected{Status: "incident", Kind: "leaked_access_key"}
	t.Answers = map[string]string{
		"owner": fmt.Sprintf("%s works from the office (%s) or from home (%s), in working hours only", owner.name, cidr(w.office), cidr(owner.home)),
	}
	t.indicate("userName", owner.name, "")
	t.NotObservable = []string{"whether the two know of each other"}
}
