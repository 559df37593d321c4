//! `xllr-helper`: a module in a process of its own. `libxllr` starts it; docs/xllr.md, "Helper processes".

fn main() -> std::process::ExitCode {
    xllr::helper_main()
}
