//! Builds again when a scenario is added or removed: they are part of the binary. Says what the binary is for.

fn main() {
    #[allow(clippy::print_stdout)]
    {
        println!("cargo:rerun-if-changed=scenarios");
        println!("cargo:rerun-if-changed=build.rs");
        // Which system this is built for, for an agent to say.
        println!("cargo:rustc-env=TARGET={}", std::env::var("TARGET").unwrap_or_default());
    }
}
