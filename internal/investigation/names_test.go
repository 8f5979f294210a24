package investigation

import (
	"slices"
	"testing"
)

func TestBucketsAreFoundWithoutTheListOfResources(t *testing.T) {
	for _, c := range []struct {
		why       string
		resources []string
		want      []string
	}{
		{"by ARN", []string{"arn:aws:s3:::shop-data"}, []string{"shop-data"}},
		{"by an object's ARN", []string{"arn:aws:s3:::shop-data/a/b.csv"}, []string{"shop-data"}},
		{"by name alone", []string{"shop-data"}, []string{"shop-data"}},
		{"beside the key that encrypted it", []string{"0d1f2a3b-4c5d-4e6f-8a9b-0c1d2e3f4a5b", "shop-data"}, []string{"shop-data"}},
		{"the ARN wins over what may be a rule", []string{"arn:aws:s3:::shop-data", "expire-old"}, []string{"shop-data"}},
		{"two that may be it", []string{"expire-old", "shop-data"}, nil},
		{"none", []string{"NotABucket_", "arn:aws:kms:eu-west-1:111122223333:key/x"}, nil},
	} {
		p := newPass()
		p.bucket(c.resources)
		var got []string
		for _, e := range p.lexicon().Entries {
			if e.Value != "arn:aws:s3:::"+e.Name || e.Kind != "resource" {
				t.Errorf("%s: entry %+v", c.why, e)
			}
			got = append(got, e.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.why, got, c.want)
		}
	}
}
