package simulator

import (
	"fmt"
	"time"
)

var bucketRansom = incident{
	name:  "bucket-ransom",
	kind:  "s3_exfiltration_or_ransom",
	about: "a backup user's key reads a bucket out, rewrites objects under a customer key, sets everything to expire, deletes, and leaves a note; the backup itself goes on under the same key",
	weeks: 4,
	tell:  tellBucketRansom,
}

// What is hard here: the owner reads the same bucket in bulk under the same
// key, copies and deletions don't name what is lost, and the note is one
// PutObject among thousands.
func tellBucketRansom(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	backup := w.prod.newUser(pick(r, []string{"offsite-backup", "nas-sync", "backup-agent", "archive-copy"}))
	backup.key = backup.newKey()
	nas := w.plan.cloud()
	at := w.day(23+r.IntN(3), 0, 20+r.IntN(120))
	w.exported(w.day(int(at.Add(w.zone).Sub(w.start)/(24*time.Hour)), 10, 0))
	bucket := "arn:aws:s3:::" + w.records

	// The owner's own copying: reads and lists of the same bucket, every night.
	s.actors = append(s.actors, &habit{r: w.stream("backup"), cred: backup.key, ip: nas.addr(8), agent: r.goSDK(), region: w.region,
		rate: func(local time.Time) float64 {
			if local.Hour() < 4 {
				return 0.8
			}
			return 0
		},
		as: after(at, decoy("the nightly copy goes on under the same key")),
		does: func(c *client) {
			c.listObjects(w.records, "daily/", "")
			for range 3 + c.r.IntN(4) {
				c.pause(time.Second, 5*time.Second)
				c.object("GetObject", w.records, c.objectKey("daily"), 0, 100_000+c.r.IntN(900_000), "")
			}
		}})

	c := s.thief("ransom", backup.key, w.plan.place(), w.stream("thief-tool").cliLinux(), at)
	t.shows("IA-001", c.callerIdentity())
	c.pause(5*time.Second, 20*time.Second)
	c.do(call{service: "s3", name: "ListBuckets", req: o("Host", "s3."+c.region+".amazonaws.com")})
	for _, name := range []string{"GetBucketVersioning", "GetBucketPolicy", "GetBucketEncryption"} {
		c.pause(2*time.Second, 9*time.Second)
		c.bucketCall(name, w.records, kindOfBucketRead[name], "", "DS-004")
	}
	c.pause(30*time.Second, 2*time.Minute)
	c.bulk(w.records, "customers", 80+r.IntN(60))
	c.pause(2*time.Minute, 6*time.Minute)

	// First the safety nets, then the objects.
	c.bucketCall("PutBucketVersioning", w.records, "VersioningConfiguration", o("xmlns", s3NS, "Status", "Suspended"), "IM-016")
	c.pause(10*time.Second, 40*time.Second)
	for range 30 + r.IntN(20) {
		c.pause(time.Second, 4*time.Second)
		c.rewrite(c.objectKey("customers"))
	}
	c.pause(time.Minute, 2*time.Minute)
	c.bucketCall("PutBucketLifecycle", w.records, "LifecycleConfiguration", o("xmlns", s3NS, "Rule", o("ID", "cleanup", "Status", "Enabled", "Filter", o("Prefix", ""), "Expiration", o("Days", 1))), "IM-017")
	for range 4 {
		c.pause(4*time.Second, 20*time.Second)
		c.do(call{service: "s3", name: "DeleteObjects", data: true, write: true, technique: "IM-015", host: w.records + ".s3." + c.region + ".amazonaws.com",
			req: o("bucketName", w.records, "Host", w.records+".s3."+c.region+".amazonaws.com", "delete", ""), extra: c.s3Extra(40_000, 90_000),
			resources: []resource{{"AWS::S3::Object", bucket + "/", w.prod.id}, {"AWS::S3::Bucket", bucket, w.prod.id}}})
	}
	c.pause(20*time.Second, time.Minute)
	c.object("PutObject", w.records, pick(r, []string{"READ_ME_TO_RESTORE.txt", "!!!_YOUR_FILES.txt", "WARNING.html"}), 1400, 0, "IM-018")
	c.pause(20*time.Second, time.Minute)
	document := trustPolicy(o("Sid", "r", "Effect", "Allow", "Principal", o("AWS", "arn:aws:iam::"+newAccount(w.stream("account", "outside")).id+":root"),
		"Action", []string{"s3:GetObject", "s3:ListBucket"}, "Resource", []string{bucket, bucket + "/*"}))
	opened := c.bucketCall("PutBucketPolicy", w.records, "policy", "", "PR-024", field{"bucketPolicy", raw(document)})
	t.shows("XF-005", opened)
	t.persist("bucket_policy", bucket, "live", opened)
	c.pause(time.Minute, 3*time.Minute)
	c.deny(call{service: "backup", name: "DeleteBackupVault", technique: "IM-023"}, w.arn("backup", "backup-vault:Default"), "")
	c.pause(10*time.Second, time.Minute)
	c.deny(call{service: "cloudtrail", name: "DeleteTrail", technique: "DE-002"}, w.trail, "")

	ransomBenign(s, at)
	t.Sentence = fmt.Sprintf("This morning (%s) a text file that asks for money lay in our bucket %s and customer files can't be opened. "+
		"We need to know how they came in, whether the files were copied before, and what can still be saved.",
		longDate(w.end().Add(w.zone)), w.records)
	t.Expected = Expected{Status: "incident", Kind: "s3_exfiltration_or_ransom"}
	t.Answers = map[string]string{
		"critical_assets": "bucket " + w.records + " holds customer records",
		"owner":           fmt.Sprintf("user %s copies daily/ to our storage box every night, from %s; nobody else should touch the bucket but the functions", backup.name, cidr(nas)),
		"logs_available":  "data events are on for this bucket",
	}
	t.indicate("bucket", w.records, "where the note was found")
	t.indicate("accessKeyId", backup.key.key, "")
	t.NotObservable = []string{"the customer key the objects were rewritten with", "which objects DeleteObjects removed: the calls do not list them", "how the key was lost"}
}

const s3NS = "http://s3.amazonaws.com/doc/2006-03-01/"

// bucketCall is a management event on a bucket; sub is the part of the bucket's
// settings, the way S3 writes it.
func (c *client) bucketCall(name, bucket, sub string, value any, technique string, more ...field) string {
	host := bucket + ".s3." + c.region + ".amazonaws.com"
	req := append(o("bucketName", bucket, "Host", host, sub, value), more...)
	return c.do(call{service: "s3", name: name, host: host, technique: technique, req: req, extra: c.s3Extra(400, 0),
		resources: []resource{{"AWS::S3::Bucket", "arn:aws:s3:::" + bucket, c.s.w.prod.id}}})
}

// rewrite copies an object onto itself under a key that only the caller has.
func (c *client) rewrite(key string) {
	bucket := c.s.w.records
	host := bucket + ".s3." + c.region + ".amazonaws.com"
	extra := c.s3Extra(0, 234)
	for i := range extra {
		if extra[i].name == "SSEApplied" {
			extra[i].value = "SSE_C"
		}
	}
	c.do(call{service: "s3", name: "CopyObject", data: true, write: true, technique: "IM-013", host: host, extra: extra,
		req:       o("bucketName", bucket, "Host", host, "key", key, "x-amz-copy-source", bucket+"/"+key, "x-amz-server-side-encryption-customer-algorithm", "AES256"),
		resources: []resource{{"AWS::S3::Object", "arn:aws:s3:::" + bucket + "/" + key, c.s.w.prod.id}, {"AWS::S3::Bucket", "arn:aws:s3:::" + bucket, c.s.w.prod.id}}})
}

// ransomBenign: the pipeline tidies another bucket with the same calls.
func ransomBenign(s *sim, at time.Time) {
	w := s.w
	c := &client{s: s, r: w.stream("tidy"), cred: w.ci.key, ip: w.farm.addr(11), agent: w.ciTool, region: w.region, now: at.Add(-9 * time.Hour),
		as: decoy("the pipeline sets a lifecycle rule on the web assets and deletes old builds")}
	c.callerIdentity()
	c.pause(3*time.Second, 9*time.Second)
	k := c.with(c.assumeRole(w.deploy, "ci-"+c.r.text("0123456789", 7), 30*time.Minute))
	k.agent = w.ciTF
	k.pause(3*time.Second, 9*time.Second)
	k.bucketCall("PutBucketLifecycle", w.assets, "LifecycleConfiguration", o("xmlns", s3NS, "Rule", o("ID", "old-builds", "Status", "Enabled", "Filter", o("Prefix", "builds/"), "Expiration", o("Days", 30))), "")
	k.pause(10*time.Second, time.Minute)
	k.do(call{service: "s3", name: "DeleteObjects", data: true, write: true, host: w.assets + ".s3." + k.region + ".amazonaws.com",
		req: o("bucketName", w.assets, "Host", w.assets+".s3."+k.region+".amazonaws.com", "delete", ""), extra: k.s3Extra(9_000, 20_000),
		resources: []resource{{"AWS::S3::Object", "arn:aws:s3:::" + w.assets + "/", w.prod.id}, {"AWS::S3::Bucket", "arn:aws:s3:::" + w.assets, w.prod.id}}})
	// Somebody reads many records in working hours, through the usual role.
	p := w.people[2]
	d := s.inOffice(p, at.Add(-11*time.Hour), decoy("an engineer looks into records by single sign-on"))
	d.cred = d.identityCenter(p)
	d.agent = p.cli
	d.pause(time.Minute, 2*time.Minute)
	d.listObjects(w.records, "customers/", "")
	for range 12 {
		d.pause(2*time.Second, 20*time.Second)
		d.object("GetObject", w.records, d.objectKey("customers"), 0, 100_000, "")
	}
}
