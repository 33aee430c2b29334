//! What a recipe with `[distil]` has from its teacher.

use std::path::Path;

use super::{DistilSection, NetworkSection, Recipe};
use crate::model::Model;
use crate::{Error, home};

impl DistilSection {
    /// As it is written into a run directory.
    pub(super) fn resolved(&self, source: &Path) -> DistilSection {
        DistilSection { teacher: home::absolute_model(base(source), &self.teacher), ..self.clone() }
    }

    /// As it is stored inside a model that is passed on.
    pub(super) fn portable(&self) -> DistilSection {
        DistilSection { teacher: home::bare_model(&self.teacher), ..self.clone() }
    }
}

/// The directory of a recipe.
fn base(source: &Path) -> &Path {
    source.parent().unwrap_or(Path::new(""))
}

impl Recipe {
    /// The teacher, if the recipe has one.
    ///
    /// # Errors
    /// [`Error::Value`] for one that is not found; as [`Model::load`].
    pub fn teacher(&self) -> Result<Option<Model>, Error> {
        let Some(distil) = &self.distil else { return Ok(None) };
        let missing = |_| {
            let expected = "a model file or run directory, from the recipe's directory or the current one, or the name of a bundled \
                model; if it is a run of another recipe, train that first";
            self.value("distil.teacher", &distil.teacher, expected)
        };
        Model::load(&home::model_beside(base(&self.source), &distil.teacher).map_err(missing)?).map(Some)
    }

    /// Takes network, path and objective from the teacher; one of the sections `given` that says otherwise is refused, and so are data,
    /// noise levels and guidance that the teacher does not know.
    pub(super) fn inherit(&mut self, given: &[String]) -> Result<(), Error> {
        let Some(teacher) = self.teacher()? else { return Ok(()) };
        let theirs = &teacher.recipe;
        // A student may be told more than its teacher.
        let network = NetworkSection {
            step_length: theirs.network.step_length || self.tells_the_length(),
            ..theirs.network.clone()
        };
        let same = [
            ("network", self.network == network),
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
        let list = |classes: Vec<&str>| classes.join(", ");
        let files = self.data_files()?;
        let (mine, known) = (files.iter().map(|(c, _)| c.letter()), teacher.meta.classes.iter().map(|c| c.letter()));
        if !mine.clone().eq(known.clone()) {
            return Err(self.against(
                &format!("data of the classes {}", list(mine.collect())),
                &format!("distil.teacher of the classes {}", list(known.collect())),
                "a student makes the same jets",
                "give one file for each of the teacher's classes",
            ));
        }
        if theirs.sample.guidance != 1.0 {
            let guidance = format!("distil.teacher with guidance {}", theirs.sample.guidance);
            let why = "guided steps are not distilled";
            return Err(self.against(&guidance, "[distil]", why, "use a teacher that is sampled without guidance"));
        }
        let unknown =
            self.sample.sigmas.iter().find(|level| theirs.distil.is_some() && !theirs.sample.sigmas.contains(level));
        if let Some(level) = unknown {
            return Err(self.against(
                &format!("sample.sigmas with {level}"),
                &format!("distil.teacher, which was distilled to {:?}", theirs.sample.sigmas),
                "a teacher of few steps knows its own noise levels only",
                "choose among those",
            ));
        }
        self.network = network;
        self.jet_network = theirs.jet_network.clone();
        self.path = theirs.path.clone();
        self.objective = theirs.objective.clone();
        self.check()
    }
}
