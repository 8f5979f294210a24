// Package mend makes the corrections that an audit can make by itself: names that
// the API does not have, members of another shape, patterns without anchors, and
// roles that lack what docker push calls. It makes texts of texts and touches no
// file; what it cannot place for certain it leaves alone and says so.
package mend
