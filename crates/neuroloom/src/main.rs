//! The `neuroloom` command.

fn main() -> std::process::ExitCode {
    neuroloom::cli::main()
}
