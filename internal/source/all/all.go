// Package all lists the collectors and decoders there are, and reads evidence
// through them.
package all

import (
	"io"

	"github.com/trailhound/trailhound/internal/source"
	"github.com/trailhound/trailhound/internal/source/account"
	"github.com/trailhound/trailhound/internal/source/alert"
	"github.com/trailhound/trailhound/internal/source/cloudtrail"
	"github.com/trailhound/trailhound/internal/source/cost"
	"github.com/trailhound/trailhound/internal/source/ec2"
	"github.com/trailhound/trailhound/internal/source/file"
	"github.com/trailhound/trailhound/internal/source/flow"
	"github.com/trailhound/trailhound/internal/source/iam"
	"github.com/trailhound/trailhound/internal/source/parquet"
	"github.com/trailhound/trailhound/internal/source/s3access"
	"github.com/trailhound/trailhound/internal/source/trail"
	"github.com/trailhound/trailhound/internal/source/traildigest"
)

// Collectors is every place that evidence can come from; the first is the one
// for locations that say nothing else.
func Collectors(stdin io.Reader) []source.Collector {
	return []source.Collector{
		file.Collector{Stdin: stdin},
		account.Folder{},
	}
}

// Place is a collector of some locations only, for those who know only this package.
type Place = source.Place

// collector is the one for a location.
func (o Options) collector(location string) source.Collector {
	for _, p := range o.Places {
		if p.Holds(location) {
			return p
		}
	}
	all := Collectors(o.Stdin)
	for _, c := range all {
		if p, ok := c.(source.Place); ok && p.Holds(location) {
			return c
		}
	}
	return all[0]
}

// decoders are Decoders that read times without a zone by the stated clock.
func (o Options) decoders() []source.Decoder {
	list := Decoders()
	for i, d := range list {
		if c, ok := d.(cloudtrail.Decoder); ok {
			c.Clock = o.Clock
			list[i] = c
		}
	}
	return list
}

// Decoders is every kind of content that is understood. The first that claims an
// artifact gets it; CloudTrail's takes whatever is JSON, so it is the last.
func Decoders() []source.Decoder {
	return []source.Decoder{
		alert.Decoder{},
		iam.Decoder{},
		ec2.Decoder{},
		trail.Decoder{},
		traildigest.Decoder{},
		cost.Decoder{},
		flow.Decoder{},
		s3access.Decoder{},
		parquet.Decoder{},
		cloudtrail.Decoder{},
	}
}
