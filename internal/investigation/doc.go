// Package investigation runs the case: scope, closure over lineage, attribution,
// detection, and from them findings, persistence, impact, limits and claims.
package investigation
