//! What a recipe with `[distil]` has from its teacher.

use std::path::{Path, PathBuf};

use super::{DistilSection, NetworkSection, Recipe};
use crate::model::Model;
use crate::{Error, home};

impl DistilSection {
    /// The teacher's weight file: beside the recipe, in the current directory, or bundled.
    fn teacher_file(&self, source: &Path) -> Result<PathBuf, Error> {
        let beside = source.parent().unwrap_or(Path::new("")).join(&self.teacher);
        home::weights_at(&beside).map_or_else(|| home::model_file(&self.teacher), Ok)
    }

    /// As it is written into a run directory: an absolute path unless the teacher is bundled.
    pub(super) fn resolved(&self, source: &Path) -> DistilSection {
        let file = self.teacher_file(source).ok();
        let bundled = home::models().into_iter().any(|(_, path)| Some(path) == file);
        let absolute =
            file.filter(|_| !bundled).and_then(|file| Some(std::path::absolute(file).ok()?.to_str()?.into()));
        DistilSection { teacher: absolute.unwrap_or_else(|| self.teacher.clone()), ..self.clone() }
    }

    /// As it is stored inside a model that is passed on: the name of the file, or that of the run it lies in.
    pub(super) fn portable(&self) -> DistilSection {
        let path = Path::new(&self.teacher);
        let run = path.file_name().is_some_and(|name| name == home::RUN_MODEL).then(|| path.parent()).flatten();
        let name = run.unwrap_or(path).file_name().map(|name| name.to_string_lossy().into_owned());
        DistilSection { teacher: name.unwrap_or_else(|| self.teacher.clone()), ..self.clone() }
    }
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
        Model::load(&distil.teacher_file(&self.source).map_err(missing)?).map(Some)
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
