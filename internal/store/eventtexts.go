package store

import "github.com/trailhound/trailhound/internal/evidence"

// takeTexts takes the texts of an event, in the order of textColumns. It says them one by one since asking that list
// for each field, of each event, is a twentieth of writing a run. TestEventFileIsWhatTheLibraryWrites holds the two orders equal.
func (g *eventColumns) takeTexts(e *evidence.Event) {
	c := (*[len(textColumns)]*eventColumn)(g.texts)
	c[0].text(e.ID)
	c[1].text(e.Fingerprint)
	c[2].text(e.Source)
	c[3].text(e.Name)
	c[4].text(e.RawName)
	c[5].text(e.Type)
	c[6].text(e.Category)
	c[7].text(e.Account)
	c[8].text(e.Region)
	c[9].text(e.SourceIP)
	c[10].text(e.UserAgent)
	c[11].text(e.ErrorCode)
	c[12].text(e.ErrorMessage)
	c[13].text(e.RequestID)
	c[14].text(e.SharedID)
	c[15].text(e.VPCEndpoint)
	c[16].text(e.Identity.Type)
	c[17].text(e.Identity.PrincipalID)
	c[18].text(e.Identity.ARN)
	c[19].text(e.Identity.Account)
	c[20].text(e.Identity.AccessKey)
	c[21].text(e.Identity.UserName)
	c[22].text(e.Identity.InvokedBy)
	c[23].text(e.Identity.IssuerType)
	c[24].text(e.Identity.IssuerID)
	c[25].text(e.Identity.IssuerARN)
	c[26].text(e.Identity.IssuerName)
	c[27].text(e.Identity.MFA)
	c[28].text(e.Identity.SourceIdentity)
	c[29].text(e.Identity.OnBehalfOf)
	c[30].text(e.Identity.CredentialID)
	c[31].text(e.Identity.InScopeOf)
	c[32].text(e.Identity.RoleDelivery)
	c[33].text(e.Ref.Artifact)
}

// atOnce is how many events of a run are touched before they are written.
const atOnce = 8

// touch reads a little of each part of events that are written next. They were read some hundred milliseconds ago and
// are in no cache of the processor any more, and memory is waited for once for what is asked of it side by side; in the
// midst of writing it is waited for at each part. The sum says nothing: it is kept so that the reads are done.
func (w *eventWriter) touch(events []timed) {
	sum := 0
	for _, t := range events {
		e := t.event
		id := &e.Identity
		sum += len(e.ID) + len(e.RawName) + len(e.Region) + len(e.ErrorMessage) + len(e.Resources) + len(e.Ref.Artifact) +
			len(id.Type) + len(id.AccessKey) + len(id.IssuerID) + len(id.MFA) + len(id.CredentialID) + len(id.RoleDelivery)
		const line = 64 // bytes that memory is read by
		for at := 0; at < len(e.Body); at += line {
			sum += int(e.Body[at])
		}
	}
	for _, t := range events { // what the structs point to
		sum += end(t.event.ID) + end(t.event.RequestID) + end(t.event.Identity.AccessKey)
		for _, r := range t.event.Resources {
			sum += end(r)
		}
	}
	w.touched += sum
}

// end is the last byte of a text, where a vocabulary looks first.
func end(text string) int {
	if text == "" {
		return 0
	}
	return int(text[len(text)-1])
}
