//! Builds again when a scenario is added or removed: they are part of the binary.

fn main() {
    #[allow(clippy::print_stdout)]
    {
        println!("cargo:rerun-if-changed=scenarios");
        println!("cargo:rerun-if-changed=build.rs");
    }
}
