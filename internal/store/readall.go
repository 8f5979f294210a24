package store

import (
	"context"
	"errors"
)

func readAll(ctx context.Context, paths []string, known func(string) bool, o ImportOptions, emit func(batch) error) error {
	return errors.New("not wired yet")
}
