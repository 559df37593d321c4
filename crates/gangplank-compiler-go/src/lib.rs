//! The compiler plugin for Go, `libgangplank_compiler_go.so`: guests, hosts and protobuf code in Go for `.proto` files.

gangplank_compiler_plugin::plugin!(gangplank_codegen::backends::go::COMPILER);
