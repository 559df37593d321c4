//! The compiler plugin for Python, `libgangplank_compiler_python.so`: guests, hosts and protobuf code in Python for `.proto`
//! files.

gangplank_compiler_plugin::plugin!(gangplank_codegen::backends::python::COMPILER);
