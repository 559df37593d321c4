package main

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"
)

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// imported maps the names that a file gives to packages to their paths. The name of an import without one is the last
// element of its path, as far as can be told without reading that package.
func imported(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		path := importPath(spec)
		if spec.Name != nil {
			names[spec.Name.Name] = path
			continue
		}
		parts := strings.Split(path, "/")
		last := parts[len(parts)-1]
		if len(parts) > 1 && majorVersion.MatchString(last) {
			last = parts[len(parts)-2]
		}
		last, _, _ = strings.Cut(last, ".")
		names[strings.TrimPrefix(last, "go-")] = path
		names[last] = path
	}
	return names
}

func signature(decl *ast.FuncDecl) string {
	return "func " + decl.Name.Name + strings.TrimPrefix(types.ExprString(decl.Type), "func")
}

// typ describes a type expression.
func (r *reader) typ(expr ast.Expr, names map[string]string) Type {
	out := Type{Kind: "other", Text: types.ExprString(expr)}
	of := func(kind string, parts ...ast.Expr) Type {
		out.Kind = kind
		for _, part := range parts {
			out.Of = append(out.Of, r.typ(part, names))
		}
		return out
	}
	switch expr := expr.(type) {
	case *ast.ParenExpr:
		return r.typ(expr.X, names)
	case *ast.Ident:
		return r.ident(expr, out)
	case *ast.SelectorExpr:
		if base, ok := expr.X.(*ast.Ident); ok && names[base.Name] != "" {
			out.Kind, out.Name, out.Import = "named", expr.Sel.Name, names[base.Name]
		}
	case *ast.StarExpr:
		return of("pointer", expr.X)
	case *ast.ArrayType:
		if expr.Len != nil {
			return of("array", expr.Elt)
		}
		return of("slice", expr.Elt)
	case *ast.MapType:
		return of("map", expr.Key, expr.Value)
	case *ast.ChanType:
		return of("chan", expr.Value)
	case *ast.IndexExpr:
		return of("generic", expr.X, expr.Index)
	case *ast.IndexListExpr:
		return of("generic", append([]ast.Expr{expr.X}, expr.Indices...)...)
	case *ast.FuncType:
		out.Kind = "func"
	case *ast.StructType:
		out.Kind, out.Text = "struct", "struct{…}"
	case *ast.InterfaceType:
		out.Kind = "interface"
	}
	return out
}

func (r *reader) ident(ident *ast.Ident, out Type) Type {
	out.Name = ident.Name
	out.Kind = "named"
	if _, basic := types.Universe.Lookup(ident.Name).(*types.TypeName); basic && !r.local[ident.Name] {
		out.Kind = "basic"
		switch ident.Name {
		case "byte":
			out.Name = "uint8"
		case "rune":
			out.Name = "int32"
		}
	}
	return out
}
