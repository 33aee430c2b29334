//! `chamber completions`: a completion script for a shell.

use clap::CommandFactory;

use crate::Error;

const EXAMPLES: &str = "Examples:
  chamber completions bash > ~/.local/share/bash-completion/completions/chamber
  chamber completions zsh > ~/.zfunc/_chamber
  chamber completions fish > ~/.config/fish/completions/chamber.fish";

/// Arguments of `chamber completions`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// Prints the script.
pub fn run(args: &Args) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::Cli::command(), "chamber", &mut script);
    super::print(&String::from_utf8_lossy(&script))
}
