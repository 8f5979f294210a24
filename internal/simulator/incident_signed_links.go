package simulator

import (
	"fmt"
	"time"
)

var signedLinks = incident{
	name:  "signed-links",
	kind:  "s3_exfiltration_or_ransom",
	about: "an intruder with an engineer's key signs links to records and fetches them from rented machines; customers fetch theirs by links, too, signed by the application",
	weeks: 4,
	tell:  tellSignedLinks,
}

// What is hard here: signing is no call. The fetches come from addresses that
// never use the key otherwise, and so do the customers' all day.
func tellSignedLinks(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	p := w.iamUsers()[1]
	at := w.day(22+r.IntN(3), 22, r.IntN(30))
	w.exported(at.Add(20 * time.Hour))
	fn := w.functions[0]
	fetch := func(c *client, bucket, key string, n int, technique string) {
		host := bucket + ".s3." + c.region + ".amazonaws.com"
		extra := c.s3Extra(0, n)
		for i := range extra {
			if extra[i].name == "AuthenticationMethod" {
				extra[i].value = "QueryString"
			}
		}
		c.do(call{service: "s3", name: "GetObject", data: true, host: host, technique: technique, read: true,
			req: o("X-Amz-Algorithm", "AWS4-HMAC-SHA256", "X-Amz-Expires", "3600", "bucketName", bucket, "Host", host, "key", key), extra: extra,
			resources: []resource{{"AWS::S3::Object", "arn:aws:s3:::" + bucket + "/" + key, w.prod.id}, {"AWS::S3::Bucket", "arn:aws:s3:::" + bucket, w.prod.id}}})
	}
	// Customers: many places, browsers, keys of the function's sessions.
	var signer *cred
	s.actors = append(s.actors, &habit{r: w.stream("customers"), agent: w.stream("customer").browserWindows(), region: w.region, rate: always(0.6),
		as: after(at.Add(-2*time.Hour), decoy("customers fetch their invoices by links that the application signed")),
		does: func(c *client) {
			if signer == nil || c.now.Sub(signer.created) > 5*time.Hour || !c.now.After(signer.created) {
				signer = fn.role.session(c.now, sessionOf{name: fn.name, scopeType: "AWS::Lambda::Function", scope: w.arn("lambda", "function:"+fn.name)})
				s.issueByService(c.r, "lambda.amazonaws.com", signer, fn.name, w.region, 12*time.Hour, "lambda_role")
			}
			c.cred = signer
			c.pause(time.Second, 9*time.Second)
			c.ip = (network{fmt.Sprintf("2001:db8:%x", 0x100+c.r.IntN(0xfe00))}).addr(1)
			fetch(c, w.assets, "invoices/"+c.r.hex(10)+".pdf", 90_000, "")
		}})

	c := s.thief("links", p.user.key, w.plan.place(), w.stream("thief-tool").cliLinux(), at)
	t.shows("IA-001", c.callerIdentity())
	c.pause(9*time.Second, 40*time.Second)
	c.listObjects(w.records, "", "CO-011")
	c.pause(9*time.Second, 40*time.Second)
	c.listObjects(w.records, "exports/", "CO-011")
	for i := range 3 {
		d := s.thief(fmt.Sprint("fetcher", i), p.user.key, w.plan.cloud(), agent{text: "curl/8.5.0", tls: tls13}, c.now.Add(time.Duration(5+i)*time.Minute))
		for range 40 {
			d.pause(time.Second, 6*time.Second)
			fetch(d, w.records, d.objectKey("exports"), 1_000_000+r.IntN(9_000_000), "XF-012")
		}
	}
	t.Sentence = fmt.Sprintf("customer records from bucket %s are for sale on a forum, sample dated %s. how did they get out and how much", w.records, at.Add(w.zone).Format("2006-01-02"))
	t.Expected = Expected{Status: "incident", Kind: "s3_exfiltration_or_ransom"}
	t.Answers = map[string]string{"owner": "only the application reads " + w.records + ", from the VPC", "data_class": "customer records"}
	t.indicate("bucket", w.records, "")
	t.NotObservable = []string{"the signing of the links"}
}
