package attribution

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
)

// TestMeasuresAreDocumented holds the table of docs/reference/attribution.md against the file.
func TestMeasuresAreDocumented(t *testing.T) {
	w, err := LoadWeights(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/reference/attribution.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, group := range map[string]any{"coverage": w.Coverage, "volume": w.Volume, "costs": w.Costs} {
		v := reflect.ValueOf(group)
		for i := range v.NumField() {
			row := fmt.Sprintf("| `%s.%s` | %d |", name, v.Type().Field(i).Tag.Get("yaml"), v.Field(i).Int())
			if !strings.Contains(string(page), row) {
				t.Errorf("docs/reference/attribution.md has no row %q", row)
			}
		}
	}
}

// TestMeasuresAreWanted: a measure of nothing would hold of everything, and one beyond all
// numbers of nothing.
func TestMeasuresAreWanted(t *testing.T) {
	data, err := os.ReadFile("../../content/" + WeightsFile)
	if err != nil {
		t.Fatal(err)
	}
	grave, err := os.ReadFile("../../content/" + GraveFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"quiet_hours: 4", "much_mib: 1024", "spike_times: 3"} {
		name, _, _ := strings.Cut(line, ":")
		for _, value := range []string{"0", "-1", "1048577"} {
			bent := strings.Replace(string(data), line, name+": "+value, 1)
			_, err := LoadWeights(fstest.MapFS{WeightsFile: {Data: []byte(bent)}, GraveFile: {Data: grave}})
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %s is taken: %v", name, value, err)
			}
		}
	}
}
