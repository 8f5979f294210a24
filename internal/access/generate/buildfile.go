package generate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ReadBuilds reads the answer of BatchGetBuilds into known.
func ReadBuilds(data []byte, from string, known map[string]Build) error {
	var doc struct {
		Builds []struct {
			ID, ProjectName, Initiator, SourceVersion string
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("read builds: %w", err)
	}
	if doc.Builds == nil {
		return errors.New("read builds: there is no member builds")
	}
	for _, b := range doc.Builds {
		project, uuid, ok := strings.Cut(b.ID, ":")
		if !ok {
			continue
		}
		if b.ProjectName != "" {
			project = b.ProjectName
		}
		known[uuid] = Build{uuid, project, TriggerOf(b.Initiator, b.SourceVersion), b.SourceVersion, from}
	}
	return nil
}
