package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"sort"
	"strconv"
)

// reader reads one package.
type reader struct {
	fset  *token.FileSet
	files []*ast.File
	local map[string]bool
	out   Package
}

func read(in PackageFiles) Package {
	r := &reader{fset: token.NewFileSet(), local: map[string]bool{}}
	r.out = Package{
		ImportPath: in.ImportPath,
		Functions:  []Function{}, Types: []TypeDecl{}, Values: []Named{}, Imports: []string{}, Uses: []Use{}, Errors: []Fault{},
	}
	for _, name := range in.Files {
		r.parse(name)
	}
	r.declare()
	imports := map[string]bool{}
	for _, file := range r.files {
		for _, spec := range file.Imports {
			imports[importPath(spec)] = true
		}
		r.file(file)
	}
	for path := range imports {
		r.out.Imports = append(r.out.Imports, path)
	}
	sort.Strings(r.out.Imports)
	if len(in.Messages) > 0 {
		r.reflection(in.Messages)
	}
	return r.out
}

func (r *reader) parse(name string) {
	file, err := parser.ParseFile(r.fset, name, nil, parser.SkipObjectResolution)
	var list scanner.ErrorList
	switch {
	case errors.As(err, &list):
		for _, e := range list {
			r.out.Errors = append(r.out.Errors, Fault{e.Msg, Place{e.Pos.Filename, e.Pos.Line}})
		}
	case err != nil:
		r.out.Errors = append(r.out.Errors, Fault{err.Error(), Place{File: name}})
	default:
		r.files = append(r.files, file)
		r.out.Name = file.Name.Name
	}
}

// declare notes the package's own types, which may shadow predeclared ones.
func (r *reader) declare() {
	r.types(func(_ *ast.File, spec *ast.TypeSpec) { r.local[spec.Name.Name] = true })
}

func (r *reader) types(visit func(*ast.File, *ast.TypeSpec)) {
	for _, file := range r.files {
		for _, decl := range file.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok || group.Tok != token.TYPE {
				continue
			}
			for _, spec := range group.Specs {
				visit(file, spec.(*ast.TypeSpec))
			}
		}
	}
}

func (r *reader) file(file *ast.File) {
	names := imported(file)
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv == nil {
				r.out.Functions = append(r.out.Functions, r.function(decl, names))
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					r.out.Types = append(r.out.Types, TypeDecl{
						Name: spec.Name.Name, Place: r.place(spec.Pos()), Alias: spec.Assign.IsValid(),
						Type: r.typ(spec.Type, names),
					})
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						r.out.Values = append(r.out.Values, Named{name.Name, r.place(name.Pos())})
					}
				}
			}
		}
	}
}

func (r *reader) function(decl *ast.FuncDecl, names map[string]string) Function {
	params, variadic := r.values(decl.Type.Params, names)
	results, _ := r.values(decl.Type.Results, names)
	return Function{
		Name: decl.Name.Name, Place: r.place(decl.Pos()), Text: signature(decl),
		Generic: decl.Type.TypeParams != nil, Variadic: variadic, Params: params, Results: results,
	}
}

// values flattens a list in which several names may share a type. A variadic parameter is a slice.
func (r *reader) values(list *ast.FieldList, names map[string]string) (values []Value, variadic bool) {
	values = []Value{}
	if list == nil {
		return values, false
	}
	for _, field := range list.List {
		typ := field.Type
		if ellipsis, ok := typ.(*ast.Ellipsis); ok {
			variadic = true
			typ = &ast.ArrayType{Elt: ellipsis.Elt}
		}
		value := Value{Type: r.typ(typ, names)}
		if len(field.Names) == 0 {
			values = append(values, value)
		}
		for _, name := range field.Names {
			value.Name = name.Name
			values = append(values, value)
		}
	}
	return values, variadic
}

func (r *reader) place(pos token.Pos) Place {
	position := r.fset.PositionFor(pos, false)
	return Place{position.Filename, position.Line}
}

func importPath(spec *ast.ImportSpec) string {
	path, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value
	}
	return path
}
