package tests

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// always is what a package offers whatever its library: the exported names of the runtime's files.
var always = []string{
	"HostOption", "LibraryStats", "LibraryStats.DroppedCompletions", "LibraryStats.DroppedEvents", "LibraryStats.DroppedLogs",
	"LibraryStats.Handles", "LibraryStats.LateCompletions", "LibraryStats.Listeners", "LibraryStats.PendingCalls",
	"LibraryStats.PendingHostCalls", "PanicError", "PanicError.Backtrace", "PanicError.Error", "PanicError.Location", "PanicError.Message", "SetLogger",
	"Stats", "Subscription", "Subscription.Cancel", "Subscription.Done", "WithDeadline",
}

// TestNoPlumbingIsExported reads the generated packages as godoc does.
func TestNoPlumbingIsExported(t *testing.T) {
	var offered []string
	for _, folder := range []string{
		"../../examples/timer/go", "../../examples/host_demo/go", "../fixtures/faults/go", "../fixtures/kitchen_sink/go",
	} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		noError(t, err)
		inspected := 0
		embedded, hidden := map[string]string{}, map[string]string{}
		for _, path := range files {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			noError(t, err)
			base := filepath.Base(path)
			for name, expr := range members(file) {
				if of, member, _ := strings.Cut(name, "."); !ast.IsExported(of) {
					hidden[of] = member
					continue
				} else if member != "" && !ast.IsExported(member) {
					embedded[name] = member
					continue
				}
				inspected++
				if strings.HasPrefix(base, "gangplank_") {
					offered = append(offered, name)
				}
				if strings.HasSuffix(base, "_cgo.go") {
					t.Errorf("%s exports %s", path, name)
				}
				if strings.Contains(name, "_") || strings.Contains(strings.ToLower(name), "gangplank") {
					t.Errorf("%s: %s is no name for users", path, name)
				}
				for _, part := range plumbing(expr) {
					if name != "HostOption" { // takes what it changes
						t.Errorf("%s: %s mentions %s: %s", path, name, part, types.ExprString(expr))
					}
				}
			}
		}
		for name, of := range embedded {
			if member, there := hidden[of]; there {
				t.Errorf("%s: %s offers %s", folder, name, member)
			}
		}
		if inspected < 20 {
			t.Errorf("%s exports %d names", folder, inspected)
		}
	}
	slices.Sort(offered)
	equal(t, slices.Compact(offered), always)
}

// members are the names that a file offers, with their types: of functions, types and values, and of methods and fields
// even where their own type is not exported. An embedded type is a field.
func members(file *ast.File) map[string]ast.Expr {
	found := map[string]ast.Expr{}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			name := decl.Name.Name
			if decl.Recv != nil {
				name = receiver(decl) + "." + name
			}
			if decl.Name.IsExported() {
				found[name] = decl.Type
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				addSpec(spec, found)
			}
		}
	}
	return found
}

func receiver(decl *ast.FuncDecl) string {
	expr := decl.Recv.List[0].Type
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	name, _, _ := strings.Cut(types.ExprString(expr), "[")
	return name
}

func addSpec(spec ast.Spec, found map[string]ast.Expr) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			if name.IsExported() {
				found[name.Name] = spec.Type
			}
		}
	case *ast.TypeSpec:
		name, as := spec.Name.Name, spec.Type
		switch of := as.(type) {
		case *ast.StructType:
			as = nil
			addFields(name, of.Fields, found)
		case *ast.InterfaceType:
			as = nil
			addFields(name, of.Methods, found)
		}
		if spec.Name.IsExported() {
			found[name] = as
		}
	}
}

func addFields(name string, fields *ast.FieldList, found map[string]ast.Expr) {
	for _, field := range fields.List {
		if len(field.Names) == 0 {
			found[name+"."+strings.TrimPrefix(types.ExprString(field.Type), "*")] = field.Type
		}
		for _, of := range field.Names {
			if of.IsExported() {
				found[name+"."+of.Name] = field.Type
			}
		}
	}
}

// plumbing are the parts of a type that a user cannot name or should not see.
func plumbing(expr ast.Expr) []string {
	var found []string
	if expr == nil {
		return nil
	}
	ast.Inspect(expr, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.Field: // the names of parameters are nobody's concern
			found = append(found, plumbing(node.Type)...)
			return false
		case *ast.SelectorExpr:
			if of := types.ExprString(node.X); of == "C" || of == "unsafe" {
				found = append(found, types.ExprString(node))
			}
			return false
		case *ast.Ident:
			known := types.Universe.Lookup(node.Name) != nil && node.Name != "uintptr"
			if !node.IsExported() && !known {
				found = append(found, node.Name)
			}
		}
		return true
	})
	return found
}
