//! What a recipe with `[distil]` has from its teacher.

use std::path::{Path, PathBuf};

use super::{DistilSection, Recipe};
use crate::model::Model;
use crate::{Error, home};

impl DistilSection {
    /// The teacher's weight file: beside the recipe, in the current directory, or bundled.
    ///
    /// # Errors
    /// As [`home::model_file`].
    pub fn teacher_file(&self, source: &Path) -> Result<PathBuf, Error> {
        let beside = source.parent().unwrap_or(Path::new("")).join(&self.teacher);
        home::model_file(if beside.exists() { beside.to_str().unwrap_or(&self.teacher) } else { &self.teacher })
    }

    /// As it is written into a run directory: an absolute path unless the teacher is bundled.
    pub(super) fn resolved(&self, source: &Path) -> DistilSection {
        let bundled = home::models().iter().any(|(name, _)| *name == self.teacher);
        let file = self.teacher_file(source).ok().filter(|_| !bundled);
        let absolute = file.and_then(|file| Some(std::path::absolute(file).ok()?.to_str()?.to_string()));
        DistilSection { teacher: absolute.unwrap_or_else(|| self.teacher.clone()), ..self.clone() }
    }
}

impl Recipe {
    /// The teacher, if the recipe has one.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn teacher(&self) -> Result<Option<Model>, Error> {
        let Some(distil) = &self.distil else { return Ok(None) };
        Model::load(&distil.teacher_file(&self.source)?).map(Some)
    }

    /// Takes network, path and objective from the teacher; one of the sections `given` that says otherwise is refused.
    pub(super) fn inherit(&mut self, given: &[String]) -> Result<(), Error> {
        let Some(teacher) = self.teacher()? else { return Ok(()) };
        let theirs = &teacher.recipe;
        let same = [
            ("network", self.network == theirs.network),
            ("jet_network", self.jet_network == theirs.jet_network),
            ("path", self.path == theirs.path),
            ("objective", self.objective == theirs.objective),
        ];
        if let Some((section, _)) = same.iter().find(|(section, same)| !same && given.iter().any(|g| g == section)) {
            let why = "a student starts as its teacher";
            return Err(self.against(&format!("[{section}]"), "distil.teacher", why, &format!("remove [{section}]")));
        }
        if self.data.particles != teacher.meta.particles {
            return Err(self.against(
                &format!("data.particles = {}", self.data.particles),
                &format!("distil.teacher with {} particles", teacher.meta.particles),
                "a student makes the same jets",
                &format!("set data.particles = {}", teacher.meta.particles),
            ));
        }
        self.network = theirs.network.clone();
        self.jet_network = theirs.jet_network.clone();
        self.path = theirs.path.clone();
        self.objective = theirs.objective.clone();
        Ok(())
    }
}
