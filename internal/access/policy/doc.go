// Package policy reads IAM policy documents and says which requests their
// statements match, in three values: yes, no, and cannot tell with the reason.
//
// It knows the language (wildcards, variables, condition operators, the Not…
// elements) and nothing of how policies are combined; that is package access.
// Facts about the language come from the IAM User Guide's "JSON policy element
// reference"; the table tests of package access name the page of each rule.
package policy
