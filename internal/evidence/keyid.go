package evidence

import (
	"encoding/base32"
	"fmt"
)

// AccountOfKey is the account that an access key id was made in, which ids of today's
// form carry in themselves ("aws sts get-access-key-info" tells the same); "" of an id of
// the older form, which does not, and of anything else.
func AccountOfKey(id string) string {
	if len(id) != 20 || id[:4] != "AKIA" && id[:4] != "ASIA" || id[4] < 'Q' && id[4] >= 'A' {
		return "" // the older form begins with the first half of the alphabet
	}
	b, err := base32.StdEncoding.DecodeString(id[4:])
	if err != nil {
		return ""
	}
	n := uint64(0)
	for _, c := range b[:6] {
		n = n<<8 | uint64(c)
	}
	if n = n & 0x7fffffffff80 >> 7; n >= 1e12 {
		return ""
	}
	return fmt.Sprintf("%012d", n)
}
