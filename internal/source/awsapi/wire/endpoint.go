package wire

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// suffixes is the domain of a partition by the beginning of its regions' names,
// and its first region. Source: https://docs.aws.amazon.com/general/latest/gr/rande.html
// and the partitions file of the SDKs.
var suffixes = []struct{ region, domain, home string }{
	{"cn-", "amazonaws.com.cn", "cn-northwest-1"},
	{"us-gov-", "amazonaws.com", "us-gov-west-1"},
	{"us-isob-", "sc2s.sgov.gov", "us-isob-east-1"},
	{"us-isof-", "csp.hci.ic.gov", "us-isof-south-1"},
	{"us-iso-", "c2s.ic.gov", "us-iso-east-1"},
	{"eu-isoe-", "cloud.adc-e.uk", "eu-isoe-west-1"},
	{"eusc-", "amazonaws.eu", "eusc-de-east-1"},
	{"", "amazonaws.com", "us-east-1"},
}

// label is what a region must look like: it becomes part of a host name.
var label = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// endpoint is where the request goes and the region it is signed for.
func (t *Transport) endpoint(ctx context.Context, r Request) (endpoint, region string, err error) {
	region = r.Region
	if region == "" {
		region = t.cfg.Region
	}
	if region == "" {
		return "", "", errors.New("no region is set")
	}
	if !label.MatchString(region) {
		return "", "", fmt.Errorf("%q is not the name of a region", region)
	}
	domain := ""
	for _, s := range suffixes {
		if strings.HasPrefix(region, s.region) {
			domain = s.domain
			if r.Service.Home {
				region = s.home
			}
			break
		}
	}
	if own, err := t.override(ctx, r.Service.ID); err != nil || own != "" {
		return strings.TrimSuffix(own, "/"), region, err
	}
	return "https://" + r.Service.Prefix + "." + region + "." + domain, region, nil
}

// override is the endpoint that the configuration names: for this service first
// (AWS_ENDPOINT_URL_CLOUDTRAIL, a services section of the profile), then for all.
// The SDK read them already when the configuration was loaded.
func (t *Transport) override(ctx context.Context, id string) (string, error) {
	for _, s := range t.cfg.ConfigSources {
		own, ok := s.(interface {
			GetServiceBaseEndpoint(context.Context, string) (string, bool, error)
		})
		if !ok {
			continue
		}
		if url, found, err := own.GetServiceBaseEndpoint(ctx, id); err != nil || found {
			return url, err
		}
	}
	if t.cfg.BaseEndpoint != nil {
		return *t.cfg.BaseEndpoint, nil
	}
	return "", nil
}
