package cloudtrail

// normalName strips the API version that Lambda and CloudFront append to
// eventName: AddPermission20150331v2, CreateFunction2020_05_31. Other digits
// are part of the name: ListObjectsV2, DescribeInstances stays.
func normalName(name string) string {
	at := len(name)
	// An optional "v2" behind the date.
	if i := trimDigits(name, at); i < at && i > 0 && name[i-1] == 'v' {
		at = i - 1
	}
	for _, sep := range []int{0, 1} { // 20150331 and 2020_05_31
		start := at - 8 - 2*sep
		// start > 0, for a name that is nothing but a date stays what it is.
		if start > 0 && isDate(name[start:at], sep) {
			return name[:start]
		}
	}
	return name
}

func trimDigits(s string, end int) int {
	for end > 0 && s[end-1] >= '0' && s[end-1] <= '9' {
		end--
	}
	return end
}

// isDate says whether s is a date of an API version: years 2000 to 2099.
func isDate(s string, sep int) bool {
	part := func(at, n, low, high int) bool {
		v := 0
		for _, c := range []byte(s[at : at+n]) {
			if c < '0' || c > '9' {
				return false
			}
			v = v*10 + int(c-'0')
		}
		return v >= low && v <= high
	}
	if sep == 1 && (s[4] != '_' || s[7] != '_') {
		return false
	}
	return part(0, 4, 2000, 2099) && part(4+sep, 2, 1, 12) && part(6+2*sep, 2, 1, 31)
}
