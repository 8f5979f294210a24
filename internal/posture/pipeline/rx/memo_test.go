package rx

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// TestMemoAnswersAlike asks a memory and no memory the same, twice over.
func TestMemoAnswersAlike(t *testing.T) {
	m := &Memo{}
	patterns := rapid.SampledFrom([]string{"", "12", "^12$", "^(1|2)$", "(?!1)", ".*", "^refs/heads/main$", "main"})
	providers := rapid.SampledFrom([]string{"GITHUB", "BITBUCKET", "GITLAB", ""})
	rapid.Check(t, func(t *rapid.T) {
		terms := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Term {
			return Term{patterns.Draw(t, "pattern"), rapid.Bool().Draw(t, "exclude")}
		}), 0, 3).Draw(t, "terms")
		provider := providers.Draw(t, "provider")
		got, gotErr := m.Accept(provider, terms)
		want, wantErr := (*Memo)(nil).Accept(provider, terms)
		if !reflect.DeepEqual(got, want) || Reason(gotErr) != Reason(wantErr) {
			t.Fatalf("%s %v: %+v, %v, want %+v, %v", provider, terms, got, gotErr, want, wantErr)
		}
		pattern, ref := patterns.Draw(t, "look"), rapid.Bool().Draw(t, "ref")
		shape, shapeErr := m.Look(pattern, ref)
		if wantShape, err := Look(pattern, ref); shape != wantShape || Reason(shapeErr) != Reason(err) {
			t.Fatalf("%q: %+v, %v, want %+v, %v", pattern, shape, shapeErr, wantShape, err)
		}
	})
}
