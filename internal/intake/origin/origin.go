// Package origin tells where addresses are said to be, from files that a person
// supplies: databases in MaxMind's format, and AWS's own ip-ranges.json. What they
// say is shown beside a network and decides nothing: registries are late, and an
// intruder chooses where to come from.
package origin

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"

	"github.com/oschwald/maxminddb-golang/v2"
)

// Origin is what the files say of one address; fields are empty where none does.
type Origin struct {
	Country      string // ISO 3166 code: "NL"
	ASN          uint
	Organization string // of the autonomous system
	AWS          string // "EC2 eu-west-1": an address that AWS hands out
}

// Files are the files that are asked, in order: the first that knows a field fills it.
type Files struct {
	databases []*maxminddb.Reader
	ranges    []awsRange
}

// awsRange is one network of ip-ranges.json and the service and region it is of.
type awsRange struct {
	prefix netip.Prefix
	name   string
}

// maxRanges bounds ip-ranges.json, which is 3 MB.
const maxRanges = 64 << 20

// Open opens databases and, if it is not "", AWS's ip-ranges.json.
func Open(databases []string, ranges string) (*Files, error) {
	f := &Files{}
	for _, name := range databases {
		db, err := maxminddb.Open(name)
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("open the address database %s: %w", name, err)
		}
		f.databases = append(f.databases, db)
	}
	if ranges == "" {
		return f, nil
	}
	if err := f.readRanges(ranges); err != nil {
		f.Close()
		return nil, fmt.Errorf("read %s: %w", ranges, err)
	}
	return f, nil
}

// Close releases the files.
func (f *Files) Close() {
	for _, db := range f.databases {
		db.Close()
	}
}

// readRanges reads ip-ranges.json (AWS General Reference, "AWS IP address ranges"). One network
// stands in it once for each service; which one is shown is decided by the order below.
func (f *Files) readRanges(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.Size() > maxRanges {
		return errors.New("it is larger than 64 MB: not AWS's ip-ranges.json")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	type entry struct {
		V4      string `json:"ip_prefix"`
		V6      string `json:"ipv6_prefix"`
		Region  string `json:"region"`
		Service string `json:"service"`
	}
	var doc struct {
		Prefixes []entry `json:"prefixes"`
		V6       []entry `json:"ipv6_prefixes"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	for _, e := range slices.Concat(doc.Prefixes, doc.V6) {
		p, err := netip.ParsePrefix(e.V4 + e.V6)
		if err != nil {
			return fmt.Errorf("%q is no network", e.V4+e.V6)
		}
		f.ranges = append(f.ranges, awsRange{p.Masked(), e.Service + " " + e.Region})
	}
	if len(f.ranges) == 0 {
		return errors.New("it holds no ranges")
	}
	// The narrowest first; of one network the service before AMAZON, which is all of them.
	slices.SortStableFunc(f.ranges, func(a, b awsRange) int {
		if a.prefix.Bits() != b.prefix.Bits() {
			return b.prefix.Bits() - a.prefix.Bits()
		}
		all := func(r awsRange) int {
			if len(r.name) > 6 && r.name[:6] == "AMAZON" {
				return 1
			}
			return 0
		}
		return all(a) - all(b)
	})
	return nil
}

// record is what of a MaxMind record is read: the country and ASN databases of
// MaxMind, DB-IP and IPinfo's free ones agree in these.
type record struct {
	Country struct {
		ISO string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
	ASN          uint   `maxminddb:"autonomous_system_number"`
	Organization string `maxminddb:"autonomous_system_organization"`
}

// Of is what the files say of an address. A database that cannot be read there
// says nothing.
func (f *Files) Of(addr netip.Addr) (o Origin) {
	// An IPv4 address written as IPv6 is the same machine; a zone is of no machine but ours.
	addr = addr.Unmap().WithZone("")
	for _, db := range f.databases {
		var r record
		if err := db.Lookup(addr).Decode(&r); err != nil {
			continue
		}
		if o.Country == "" {
			o.Country = r.Country.ISO
		}
		if o.ASN == 0 {
			o.ASN, o.Organization = r.ASN, r.Organization
		}
	}
	for _, r := range f.ranges {
		if r.prefix.Contains(addr) {
			o.AWS = r.name
			break
		}
	}
	return o
}
