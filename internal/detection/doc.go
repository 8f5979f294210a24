// Package detection runs rules over events and says which techniques they show.
package detection
