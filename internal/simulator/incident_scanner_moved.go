package simulator

import (
	"fmt"
	"time"
)

var scannerMoved = incident{
	name:  "scanner-moved",
	kind:  "suspicious_source",
	about: "no incident: the posture vendor moves house and takes stock of everything anew, from a network that nobody has seen and with a new version of its tool",
	weeks: 4,
	tell:  tellScannerMoved,
}

// What is hard here: to the letter it is a stolen vendor role: the same account
// and external id, another network, another tool, and a sweep over every service.
func tellScannerMoved(s *sim) {
	w, t := s.w, &s.truth
	r := w.stream("story")
	at := w.day(22+r.IntN(3), 4, r.IntN(50))
	w.exported(at.Add(33 * time.Hour))
	was := w.vendorN
	now := w.plan.cloud()
	w.vendorN = now // for these runs; the morning scan stays where it was
	tool := w.stream("new scanner").goSDK()
	for i := range 3 {
		c := s.vendor(w.stream("vendor", fmt.Sprint("moved", i)), at.Add(time.Duration(i)*9*time.Hour))
		c.as, c.agent = decoy("the vendor's scanner, at its new place"), tool
		for j := range 40 {
			c.do(w.sweep(c, j))
			c.pause(time.Second, 4*time.Second)
		}
	}
	w.vendorN = was

	t.Sentence = fmt.Sprintf("Our SIEM flags role %s, which belongs to our security vendor: used from %s since %s, a network it never used. Is that still the vendor?",
		w.scanner.name, now.addr(9), longDate(at.Add(w.zone)))
	t.Expected = Expected{Status: "no_incident", Kind: "suspicious_source"}
	t.Answers = map[string]string{
		"vendors": fmt.Sprintf("role %s is for our posture scanner of account %s; they confirmed a new egress %s beside the old one %s", w.scanner.name, w.vendor, cidr(now), cidr(was)),
	}
	t.indicate("sourceIPAddress", now.addr(9), "")
	t.NotObservable = []string{"what the vendor does with what it reads"}
}
