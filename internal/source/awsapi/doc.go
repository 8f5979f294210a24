// Package awsapi asks live AWS accounts, and can only ask.
//
// For services whose SDK module cannot be had there is one thin client: it
// makes the calls of a closed list, all of which read, and refuses any other
// before it is sent. Where the module can be had, the SDK is used. How a program
// gets its credentials is not decided here: whoever calls brings an aws.Config.
package awsapi
