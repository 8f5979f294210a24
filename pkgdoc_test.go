package trailhound

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// TestEverythingExportedIsDocumented wants a doc comment on every package and on
// every exported name of it. There is no list of exceptions.
func TestEverythingExportedIsDocumented(t *testing.T) {
	packages := map[string]bool{} // folder to: some file has a package doc
	for _, name := range files(t, product) {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		dir := path.Dir(name)
		packages[dir] = packages[dir] || packageDoc(f)
		for _, d := range f.Decls {
			for _, id := range undocumented(d) {
				t.Errorf("%s: %s has no doc comment", fset.Position(id.Pos()), id.Name)
			}
		}
	}
	for dir, ok := range packages {
		if !ok {
			t.Errorf("%s: no file says what the package is for", dir)
		}
	}
}

// packageDoc wants the words that go doc shows first.
func packageDoc(f *ast.File) bool {
	want := "Package " + f.Name.Name + " "
	if f.Name.Name == "main" {
		want = "Command "
	}
	return strings.HasPrefix(f.Doc.Text(), want)
}

// undocumented lists the exported names of a declaration that nothing is said
// about. In a group, a comment on the group or at the end of the line will do.
func undocumented(d ast.Decl) (out []*ast.Ident) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			out = append(out, d.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					out = append(out, s.Name)
				}
			case *ast.ValueSpec:
				for _, id := range s.Names {
					if id.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						out = append(out, id)
					}
				}
			}
		}
	}
	return out
}

// exportedReceiver is true for functions, and for methods that can be seen from
// outside the package.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	for {
		switch y := x.(type) {
		case *ast.StarExpr:
			x = y.X
		case *ast.IndexExpr:
			x = y.X
		case *ast.Ident:
			return y.IsExported()
		default:
			return false
		}
	}
}
