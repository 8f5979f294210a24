// Package pipeline audits build pipelines: who can make each project run code,
// proved with a witness; what that code could reach; and how to close it.
//
// The parts: model is what is known, unknown and absent; read makes it of files;
// trust judges webhooks with the pattern analysis of rx; check holds the catalogue
// of content/pipeline against it. This package joins them into one report, draws
// attack paths, and its render folders write the report in each form.
package pipeline
