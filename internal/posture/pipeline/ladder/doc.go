// Package ladder plans how a CodeBuild webhook is closed step by step: pushes
// only, then named branches, then listed contributors or approval by comment.
//
// A plan holds the webhook before and after, who could start a build before and
// after, which of the builds and deliveries that were seen would no longer have
// run, and the edit with its inverse as a command and as templates. Nothing here
// changes anything: that is package internal/response/aws.
//
// The steps and their order are those of "Implementing Defense-in-Depth Security
// for AWS CodeBuild Pipelines"; members, enums and limits are those of the API
// reference, UpdateWebhook and WebhookFilter.
//
// state.go is a webhook as UpdateWebhook sets it, edit.go the steps, plan.go draws and
// checks one step for one project, replay.go holds it against what was seen, forms.go
// writes it down.
package ladder
