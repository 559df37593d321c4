package main

import (
	"go/ast"
	"go/parser"
	"go/types"
	"strings"
)

// codecs are packages whose functions take messages of protobuf's own making.
var codecs = []string{
	"google.golang.org/protobuf/proto",
	"google.golang.org/protobuf/encoding/protojson",
	"google.golang.org/protobuf/encoding/prototext",
	"google.golang.org/protobuf/types/known/anypb",
	"github.com/golang/protobuf/proto",
	"github.com/golang/protobuf/jsonpb",
}

// nothing imports packages as empty ones: what they declare does not matter here.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	p := types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
	p.MarkComplete()
	return p, nil
}

// reflection finds calls that hand one of the messages to protobuf, or ask one for its reflection. The messages are
// declared as empty structs, so most of the package does not check; only the types of these arguments matter.
func (r *reader) reflection(messages []string) {
	source := "package " + r.out.Name + "\n"
	wanted := map[string]bool{}
	for _, name := range messages {
		wanted[name] = true
		if !r.local[name] {
			source += "type " + name + " struct{}\n"
		}
	}
	stub, err := parser.ParseFile(r.fset, "messages.go", source, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: nothing{}, Error: func(error) {}, FakeImportC: true}
	// Errors are expected, see above.
	checked, _ := config.Check(r.out.ImportPath, r.fset, append(r.files[:len(r.files):len(r.files)], stub), info)
	message := func(expr ast.Expr) bool {
		typ := info.Types[expr].Type
		if pointer, ok := typ.(*types.Pointer); ok {
			typ = pointer.Elem()
		}
		named, ok := typ.(*types.Named)
		return ok && named.Obj().Pkg() == checked && wanted[named.Obj().Name()]
	}
	for _, file := range r.files {
		names := imported(file)
		ast.Inspect(file, func(node ast.Node) bool {
			if call, ok := node.(*ast.CallExpr); ok {
				r.call(call, names, message)
			}
			return true
		})
	}
}

func (r *reader) call(call *ast.CallExpr, names map[string]string, message func(ast.Expr) bool) {
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	found := selector.Sel.Name == "ProtoReflect" && message(selector.X)
	if base, ok := selector.X.(*ast.Ident); ok {
		for _, codec := range codecs {
			for _, arg := range call.Args {
				found = found || (names[base.Name] == codec && message(arg))
			}
		}
	}
	if found {
		r.out.Uses = append(r.out.Uses, Use{types.ExprString(call.Fun), r.place(call.Pos())})
	}
}
