package intake

import (
	"strings"
	"testing"
	"time"
)

// TestReadCostsNoSquare reads 16 KB of what once cost the square of its length: small words
// in a row, weeks of weeks, and things that came about to nothing. Each took 15 s and more.
func TestReadCostsNoSquare(t *testing.T) {
	for _, unit := range []string{"deleted, ", "about ", "week of ", "s3 ", "found a role, ", "I got a link from bob, ", "the image is public, "} {
		start := time.Now()
		Read(strings.Repeat(unit, 16<<10/len(unit)), FromCase, testClock, testLexicon)
		if took := time.Since(start); took > 8*time.Second {
			t.Errorf("16 KB of %q took %v", unit, took)
		}
	}
}
