package file

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zip"

	"github.com/trailhound/trailhound/internal/evidence"
	"github.com/trailhound/trailhound/internal/source"
)

// member names a member the way a person can find it again.
func member(outer, name string) string {
	return outer + "!" + strings.ToValidUTF8(name, "\uFFFD")
}

// closeArchive visits the archive itself, after its members: it is in custody
// too. trouble is what kept it from being read to its end.
func (o *opener) closeArchive(a evidence.Artifact, members int, trouble error) error {
	a.Kind, a.Reason = evidence.KindArchive, "an archive of "+files(members)
	if trouble != nil {
		a.Kind = evidence.KindUnreadable
		a.Reason = fmt.Sprintf("%v; what came before it was read: %s", plainly(trouble), files(members))
	}
	return o.visit(source.Found{Artifact: a})
}

func files(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

func (o *opener) zip(a evidence.Artifact, b blob, layer int) error {
	z, err := zip.NewReader(b, b.size)
	if err != nil {
		return o.closeArchive(a, 0, err)
	}
	members := 0
	for _, f := range z.File {
		if err := o.ctx.Err(); err != nil {
			return err
		}
		if f.FileInfo().IsDir() {
			continue
		}
		if members >= maxMembers {
			return o.closeArchive(a, members, errMembers)
		}
		members++
		uri := member(a.URI, f.Name)
		// Bit 0 of the flags. Source: PKWARE's APPNOTE, 4.4.4.
		if f.Flags&1 != 0 {
			if err := o.visit(source.Found{Artifact: unreadable(uri, 0, "it is encrypted: unpack it with its password first").a}); err != nil {
				return err
			}
			continue
		}
		r, err := f.Open()
		if err != nil {
			if err := o.visit(source.Found{Artifact: unreadable(uri, 0, plainly(err).Error()).a}); err != nil {
				return err
			}
			continue
		}
		err = o.once(uri, &meter{ctx: o.ctx, r: r, a: o.allowance}, layer+1)
		r.Close()
		if err != nil {
			return err
		}
	}
	return o.closeArchive(a, members, nil)
}

var errMembers = errors.New("the archive holds more than 100,000 files: unpack it first")

func (o *opener) tar(a evidence.Artifact, content io.Reader, layer int) error {
	members := 0
	for t := tar.NewReader(content); ; {
		if err := o.ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if err == io.EOF {
			return o.closeArchive(a, members, nil)
		}
		if err != nil {
			return o.closeArchive(a, members, err)
		}
		switch h.Typeflag {
		case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont: // the old ways to say "a file" count too
		default: // folders, devices, and links, which inside an archive lead to its own members
			continue
		}
		if members >= maxMembers {
			return o.closeArchive(a, members, errMembers)
		}
		members++
		// Sparse members expand without any compression: they are metered too.
		if err := o.once(member(a.URI, h.Name), &meter{ctx: o.ctx, r: t, a: o.allowance}, layer+1); err != nil {
			return err
		}
	}
}
