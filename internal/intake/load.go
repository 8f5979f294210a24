package intake

import (
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v4"
)

// load reads a file of content into a value; a member that the value does not know is an
// error, since whoever wrote it meant something by it.
func load(fsys fs.FS, name, what string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	if err := yaml.Load(data, into, yaml.WithKnownFields()); err != nil {
		return fmt.Errorf("read %s: %w", what, err)
	}
	return nil
}
