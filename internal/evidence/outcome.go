package evidence

// Outcome says whether the call did what it asked for.
type Outcome string

// The two outcomes of a call. A dry run and a failed login are failures:
// attempted is not done.
const (
	Success Outcome = "success"
	Failure Outcome = "failure"
)

// Outcome is Failure if the record carries an error code or message, or is a
// sign-in that AWS reports as failed (the decoder gives those an ErrorMessage).
func (e *Event) Outcome() Outcome {
	if e.ErrorCode != "" || e.ErrorMessage != "" {
		return Failure
	}
	return Success
}
