package origin

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/maxmind/mmdbwriter"
	"github.com/maxmind/mmdbwriter/mmdbtype"
)

// database writes a real MMDB of documentation ranges.
func database(t *testing.T, kind string, of map[string]mmdbtype.Map) string {
	t.Helper()
	w, err := mmdbwriter.New(mmdbwriter.Options{DatabaseType: kind, RecordSize: 24, IncludeReservedNetworks: true})
	if err != nil {
		t.Fatal(err)
	}
	for cidr, record := range of {
		_, network, err := net.ParseCIDR(cidr)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Insert(network, record); err != nil {
			t.Fatal(err)
		}
	}
	name := filepath.Join(t.TempDir(), kind+".mmdb")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := w.WriteTo(f); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestOf(t *testing.T) {
	country := database(t, "Country", map[string]mmdbtype.Map{"203.0.113.0/24": {"country": mmdbtype.Map{"iso_code": mmdbtype.String("NL")}}})
	asn := database(t, "ASN", map[string]mmdbtype.Map{
		"203.0.113.0/24": {"autonomous_system_number": mmdbtype.Uint32(64500), "autonomous_system_organization": mmdbtype.String("Example Hosting")},
		"2001:db8::/32":  {"autonomous_system_number": mmdbtype.Uint32(64501)}})
	ranges := filepath.Join(t.TempDir(), "ip-ranges.json")
	if err := os.WriteFile(ranges, []byte(`{"syncToken":"1","prefixes":[
		{"ip_prefix":"198.51.100.0/24","region":"eu-west-1","service":"AMAZON"},{"ip_prefix":"198.51.100.0/24","region":"eu-west-1","service":"EC2"}],
		"ipv6_prefixes":[{"ipv6_prefix":"2001:db8:1::/48","region":"us-east-1","service":"EC2"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open([]string{country, asn}, ranges)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for addr, want := range map[string]Origin{
		"203.0.113.9":        {Country: "NL", ASN: 64500, Organization: "Example Hosting"},
		"::ffff:203.0.113.9": {Country: "NL", ASN: 64500, Organization: "Example Hosting"},
		"2001:db8:1::5":      {ASN: 64501, AWS: "EC2 us-east-1"},
		"198.51.100.1":       {AWS: "EC2 eu-west-1"},
		"192.0.2.1":          {},
	} {
		if got := f.Of(netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %+v, want %+v", addr, got, want)
		}
	}
}

func TestRefusedFiles(t *testing.T) {
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		databases []string
		ranges    string
	}{{[]string{junk}, ""}, {nil, junk}, {[]string{junk + "-missing"}, ""}, {nil, junk + "-missing"}} {
		if _, err := Open(c.databases, c.ranges); err == nil || !strings.Contains(err.Error(), "junk") {
			t.Errorf("%v: %v", c, err)
		}
	}
}
