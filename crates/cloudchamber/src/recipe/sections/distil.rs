//! `[distil]`: a student that takes few steps where its teacher takes many.

use serde::{Deserialize, Serialize};

/// `[distil]`: the network starts as a trained one and learns to make its way in the few steps at `sample.sigmas`.
///
/// Network, path and objective are the teacher's, and so is the jet-level network; the sampler must be "ddim" on the grid "levels".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DistilSection {
    /// The teacher: a model file, a run directory or the name of a bundled model.
    pub teacher: String,
    /// How the student is taught.
    #[serde(default)]
    pub method: DistilMethod,
    /// Heun steps of the teacher from each of the student's noise levels to the next; a teacher that was distilled itself takes its own
    /// DDIM steps at its own levels instead.
    #[serde(default = "teacher_steps")]
    pub teacher_steps: usize,
}

/// How a student is taught.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DistilMethod {
    /// Its one step does what all of the teacher's do (Salimans and Ho, arXiv:2202.00512; Luhman and Luhman, arXiv:2101.02388).
    #[default]
    Progressive,
    /// It agrees with itself after one of the teacher's (Song et al., arXiv:2303.01469; Heek et al., arXiv:2403.06807).
    Consistency,
    /// Told the length of its step, it learns the shortest ones from the teacher, and of each longer one that it is two of its own of
    /// half as many levels (Frans et al., arXiv:2410.12557).
    Shortcut,
    /// Told the length of its step, it agrees with the rest of the same step after one of the teacher's: MeanFlow's identity (Geng et al.,
    /// arXiv:2505.13447) between two times of the teacher's instead of at one.
    MeanFlow,
}

impl DistilMethod {
    /// Whether the student is told the length of its step, and so can take steps over 1, 2, 4, ... of its levels.
    pub fn tells_the_length(self) -> bool {
        matches!(self, DistilMethod::Shortcut | DistilMethod::MeanFlow)
    }
}

fn teacher_steps() -> usize {
    3
}
