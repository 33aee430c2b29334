//! The program `chamber`; see [`cloudchamber::cli`].

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cloudchamber::cli::main()
}
