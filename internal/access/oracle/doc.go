// Package oracle holds the policies of the evidence against what AWS itself
// decided: every call in the log was allowed or refused, and the policies in
// force at that moment must say the same. What they say otherwise is either
// something the evidence does not hold, or a mistake of ours; it is listed.
package oracle
