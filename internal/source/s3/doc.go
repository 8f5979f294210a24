// Package s3 collects evidence from a bucket, without a copy on disk.
//
// A location is s3://bucket or s3://bucket/prefix, at any depth of the layout
// that AWS services write: AWSLogs/[organisation/]account/service/region/yyyy/mm/dd.
// Where a Filter names accounts, regions or days, what the layout rules out is
// not even listed. Everything else is read as from a folder, by content.
//
// An artifact is named s3://bucket/key?etag=…, so that an object is known again
// by place and version without fetching it. It is read whole and checked, or
// not at all: what the network cut is never taken for evidence.
package s3
