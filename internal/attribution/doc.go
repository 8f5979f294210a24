// Package attribution decides, event by event, whether the intruder, the owner, a service
// or a responder acted, and keeps the reasons.
package attribution
