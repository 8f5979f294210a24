// Package fake is a CodeBuild in memory, for tests: several regions, pages,
// throttling, refusals, answers that get lost, and reads that lag.
//
// It is strict where the service is lenient: a member or an enum that the API
// reference does not have is refused, so that what we send is held to the API.
// The real AWS command line drives it in a test, which keeps the fake itself
// honest. Its own writes leave CloudTrail records behind, as the service's do.
package fake
