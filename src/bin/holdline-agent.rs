//! The agent of a run on a device: on iOS the app itself, anywhere else the same client under the model of iOS.

#[cfg(target_os = "ios")]
fn main() {
    holdline::device::ios::main()
}

#[cfg(not(target_os = "ios"))]
#[allow(clippy::print_stdout, clippy::print_stderr)]
fn main() -> std::process::ExitCode {
    use holdline::device::modelled::{Arguments, HELP, parse, run};

    let options = match parse(std::env::args().skip(1), |name| std::env::var(name).ok()) {
        Ok(Arguments::Run(options)) => options,
        Ok(Arguments::Help) => {
            print!("{HELP}");
            return std::process::ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("holdline-agent: {why}\n\n`holdline-agent --help` tells more.");
            return std::process::ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("holdline-agent: {failure}");
            std::process::ExitCode::from(failure.exit_code())
        }
    }
}
