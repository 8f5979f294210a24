package ledger

// Outsiders are the principals outside the accounts that a trust policy or the
// policy of a resource lets in, as the document names them, in its order: those
// of another account, of an identity provider, and "*". A document that cannot be
// read lets nobody in.
func Outsiders(doc string, accounts []string) []string {
	var out []string
	in, _ := admitted(doc, accounts)
	for _, p := range in {
		switch p.class {
		case classPublic, classOutside, classIDP:
			out = append(out, p.name)
		}
	}
	return out
}

// Broad says whether an identity policy hands out enough to come back by:
// everything, a whole service, or changes in IAM.
func Broad(doc string) bool { return grants(doc) == grantsBroad }

// BroadManaged says the same of an AWS managed policy, by its ARN. A customer's
// own policy is none: its document must be read with Broad.
func BroadManaged(arn string) bool {
	return managedByAWS.MatchString(arn) && grantsManaged(arn, nil) == grantsBroad
}
