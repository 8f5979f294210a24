// Package cloudtrail decodes AWS CloudTrail in every form that people keep it
// in: delivered files, API answers, log envelopes, query results, tables.
//
// Decode turns one record into an event; Decoder finds the records in a stream.
// Both decide by content, and both keep what they could not read: as a
// rejection with its place and reason.
package cloudtrail
