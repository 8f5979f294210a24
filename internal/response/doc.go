// Package response plans containment: ordered steps with exact commands, side effects
// and undo. It executes nothing.
package response
