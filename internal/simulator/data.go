package simulator

import (
	"strconv"
	"strings"
)

// nameOf cuts a secret's ARN down to what callers usually ask by.
func nameOf(secretARN string) string {
	name := secretARN[strings.LastIndex(secretARN, ":secret:")+len(":secret:"):]
	// Secrets Manager puts a dash and six characters behind the name in an ARN.
	return name[:len(name)-7]
}

// kmsKey is the key as records of its uses list it.
func (w *world) kmsKey() []resource { return []resource{{"AWS::KMS::Key", w.keyARN, w.prod.id}} }

// getSecret reads a secret, and Secrets Manager has KMS decrypt it for the caller.
func (c *client) getSecret(arn, technique string) string {
	id := c.do(call{service: "secretsmanager", name: "GetSecretValue", req: o("secretId", nameOf(arn)), technique: technique})
	c.forwarded("secretsmanager.amazonaws.com", call{
		service: "kms", name: "Decrypt", resources: c.s.w.kmsKey(),
		req: o("encryptionContext", o("SecretARN", arn, "SecretVersionId", c.r.uuid()), "encryptionAlgorithm", "SYMMETRIC_DEFAULT"),
	}, id)
	return id
}

// getParameter reads a SecureString the same way.
func (c *client) getParameter(name, technique string) string {
	id := c.do(call{service: "ssm", name: "GetParameter", req: o("name", name, "withDecryption", true), technique: technique})
	// Systems Manager decrypts under that name and Secrets Manager under its own:
	// forwarded keys of both forms are wanted in a corpus.
	c.forwarded("AWS Internal", call{
		service: "kms", name: "Decrypt", resources: c.s.w.kmsKey(),
		req: o("encryptionContext", o("PARAMETER_ARN", c.s.w.arn("ssm", "parameter"+name)), "encryptionAlgorithm", "SYMMETRIC_DEFAULT"),
	}, id)
	return id
}

// s3Extra is what S3 alone adds to its records; in and out are bytes of the bodies.
func (c *client) s3Extra(in, out int) obj {
	return o("SignatureVersion", "SigV4", "CipherSuite", tls13, "bytesTransferredIn", in, "SSEApplied", "SSE_KMS",
		"AuthenticationMethod", "AuthHeader", "x-amz-id-2", c.r.token(75)+"=", "bytesTransferredOut", out)
}

// object is a data event on one object. Byte counts stand in
// additionalEventData alone; nothing else tells how much left.
func (c *client) object(name, bucket, key string, in, out int, technique string) string {
	host := bucket + ".s3." + c.region + ".amazonaws.com"
	acct := c.s.w.prod.id
	return c.do(call{
		service: "s3", name: name, data: true, host: host, technique: technique,
		req: o("bucketName", bucket, "Host", host, "key", key), extra: c.s3Extra(in, out),
		resources: []resource{{"AWS::S3::Object", "arn:aws:s3:::" + bucket + "/" + key, acct}, {"AWS::S3::Bucket", "arn:aws:s3:::" + bucket, acct}},
	})
}

// listObjects is a data event on a bucket.
func (c *client) listObjects(bucket, prefix, technique string) string {
	host := bucket + ".s3." + c.region + ".amazonaws.com"
	return c.do(call{
		service: "s3", name: "ListObjects", data: true, host: host, technique: technique,
		req:   o("list-type", "2", "bucketName", bucket, "prefix", prefix, "encoding-type", "url", "Host", host),
		extra: c.s3Extra(0, 2048+c.r.IntN(90_000)),
		resources: []resource{{"AWS::S3::Object", "arn:aws:s3:::" + bucket + "/" + prefix, c.s.w.prod.id},
			{"AWS::S3::Bucket", "arn:aws:s3:::" + bucket, c.s.w.prod.id}},
	})
}

// objectKey is a name that looks like years of daily exports, ever new.
func (c *client) objectKey(prefix string) string {
	return prefix + "/" + c.now.AddDate(0, 0, -c.r.IntN(400)).Format("2006/01/02") + "/" + strconv.Itoa(c.r.IntN(9000)+1000) + "-" + c.r.hex(8) + ".json.gz"
}

// The kinds of work that workloads do. Reads of secrets and parameters come
// with the KMS call that a service makes for them, under a key of its own that
// nobody was given: no theft, however new it looks.

func (w *world) readParam(i int) work {
	name := w.params[i%len(w.params)]
	return func(c *client) { c.getParameter(name, "") }
}

func (w *world) readSecret(i int) work {
	arn := w.secrets[i%len(w.secrets)]
	return func(c *client) { c.getSecret(arn, "") }
}

func (w *world) putObject(bucket, prefix string) work {
	return func(c *client) { c.object("PutObject", bucket, c.objectKey(prefix), 800+c.r.IntN(60_000), 0, "") }
}

func (w *world) getObject(bucket, prefix string) work {
	return func(c *client) { c.object("GetObject", bucket, c.objectKey(prefix), 0, 800+c.r.IntN(200_000), "") }
}

func (w *world) putTable(c *client) {
	c.do(call{service: "dynamodb", name: "DescribeTable", req: o("tableName", w.table),
		resources: []resource{{"AWS::DynamoDB::Table", w.arn("dynamodb", "table/"+w.table), w.prod.id}}})
}

func (w *world) dataKey(c *client) {
	c.do(call{service: "kms", name: "GenerateDataKey", resources: w.kmsKey(),
		req: o("keyId", w.keyARN, "keySpec", "AES_256", "encryptionContext", o("tenant", "t-"+strconv.Itoa(c.r.IntN(400))))})
}
