//! Starts the command line.

fn main() -> std::process::ExitCode {
    holdline::cli::main()
}
