//! Sections turned into the objects of the diffusion core.

use diffusion::{
    AnyPath, Cosine, Coupling, Edm, Grid, Linear, Objective, Path, Polynomial, Sampler, SubVp, Target, Times, Trig, Ve,
    VpLinear, Weight,
};

use super::{GridKind, ObjectiveSection, PathSection, Recipe, SampleSection, TargetKind, TimesKind, WeightKind};
use crate::Error;

impl Recipe {
    /// Whether a student learns steps of several lengths.
    pub(super) fn tells_the_length(&self) -> bool {
        self.distil.as_ref().is_some_and(|distil| distil.method.tells_the_length())
    }

    /// How many of `sample.sigmas` a step may leave behind: one, and for a student that learns steps of several lengths all powers of two
    /// that divide their number.
    pub fn strides(&self) -> Vec<usize> {
        let levels = self.sample.sigmas.len();
        let fits = |stride: &usize| *stride <= levels && levels.is_multiple_of(*stride);
        let longer = std::iter::successors(Some(2), |stride| Some(2 * stride)).take_while(fits);
        std::iter::once(1).chain(longer.filter(|_| self.tells_the_length())).collect()
    }

    /// The grid of the sampler with `steps` steps on `path`.
    ///
    /// # Errors
    /// [`Error::Argument`] for a number of steps that a student has not learned; what the core says of levels out of range.
    pub fn grid(&self, path: &AnyPath, steps: usize) -> Result<Grid, Error> {
        let levels = &self.sample.sigmas;
        let thinned = |stride: usize| SampleSection {
            sigmas: levels.iter().copied().step_by(stride).collect(),
            ..self.sample.clone()
        };
        match self.strides().into_iter().find(|stride| steps * stride == levels.len()) {
            Some(stride) => thinned(stride).grid(path, steps),
            None if self.sample.grid == GridKind::Levels => {
                let numbers: Vec<String> = self.strides().iter().map(|n| (levels.len() / n).to_string()).collect();
                let expected =
                    format!("{}: this model was distilled to the noise levels {levels:?}", numbers.join(", "));
                Err(Error::argument("--steps", steps, expected))
            }
            None => self.sample.grid(path, steps),
        }
    }
}

impl PathSection {
    /// The path; fails if its constants are out of range.
    pub fn build(&self) -> Result<AnyPath, Error> {
        Ok(match *self {
            PathSection::Linear {} => AnyPath::Linear(Linear),
            PathSection::Cosine {} => AnyPath::Cosine(Cosine),
            PathSection::Trig {} => AnyPath::Trig(Trig),
            PathSection::Polynomial { precision } => AnyPath::Polynomial(Polynomial::new(precision)?),
            PathSection::Edm { sigma_min, sigma_max } => AnyPath::Edm(Edm::new(sigma_min, sigma_max)?),
            PathSection::Ve { sigma_min, sigma_max } => AnyPath::Ve(Ve::new(sigma_min, sigma_max)?),
            PathSection::Vp { beta_min, beta_max } => AnyPath::VpLinear(VpLinear::new(beta_min, beta_max)?),
            PathSection::SubVp { beta_min, beta_max } => AnyPath::SubVp(SubVp::new(beta_min, beta_max)?),
        })
    }
}

impl ObjectiveSection {
    /// The path that samples are drawn on: the recipe's `own`, or the one `asked` for, which only a network with the target "edm" can follow: it sees
    /// noise levels and nothing else.
    ///
    /// # Errors
    /// [`Error::Argument`] for another path with another target.
    pub fn sampled_on(&self, asked: Option<&AnyPath>, own: &PathSection) -> Result<AnyPath, Error> {
        match asked {
            None => own.build(),
            Some(path) if self.target == TargetKind::Edm => Ok(path.clone()),
            Some(path) => {
                let expected = "no other path: this model's network was not trained with target = \"edm\"";
                Err(Error::argument("--path", format!("{path:?}"), expected))
            }
        }
    }

    /// The training objective on `path`, with independent noise.
    pub fn build(&self, path: &AnyPath) -> Objective {
        Objective {
            path: Box::new(path.clone()),
            target: self.target(),
            weight: self.weight(),
            times: self.times(),
            coupling: Coupling::Independent,
        }
    }

    /// What the network's output is.
    pub fn target(&self) -> Target {
        match self.target {
            TargetKind::Velocity => Target::Velocity,
            TargetKind::Noise => Target::Noise,
            TargetKind::Data => Target::Data,
            TargetKind::V => Target::V,
            TargetKind::Score => Target::Score,
            TargetKind::Edm => Target::Edm { sigma_data: self.sigma_data },
        }
    }

    fn weight(&self) -> Weight {
        match self.weight {
            WeightKind::Flat => Weight::Flat,
            WeightKind::Data => Weight::Data,
            WeightKind::Snr => Weight::Snr,
            WeightKind::MinSnr => Weight::MinSnr { gamma: 5.0 },
            WeightKind::Edm => Weight::Edm { sigma_data: self.sigma_data },
            WeightKind::Likelihood => Weight::Likelihood,
        }
    }

    fn times(&self) -> Times {
        let law = |mean, std| (self.mean.unwrap_or(mean), self.std.unwrap_or(std));
        match self.times {
            TimesKind::Uniform => Times::Uniform,
            TimesKind::Lognormal => {
                let (mean, std) = law(-1.2, 1.2);
                Times::LogNormal { mean, std }
            }
            TimesKind::Logitnormal => {
                let (mean, std) = law(0.0, 1.0);
                Times::LogitNormal { mean, std }
            }
        }
    }
}

impl SampleSection {
    /// The sampler by its name.
    pub fn sampler(&self) -> Result<Sampler, Error> {
        Ok(self.sampler.parse()?)
    }

    /// The least and the largest noise level of the Karras and lambda grids on `path`.
    pub fn levels(&self, path: &AnyPath) -> [f64; 2] {
        // Noise levels below 0.002 or above 80 of standardised data are as good as none and as good as all.
        let level = |t: f64| (-path.at(t).lambda()).exp();
        let (start, end) = path.span();
        let sigma_min = self.sigma_min.unwrap_or_else(|| level(start).max(0.002));
        [sigma_min, self.sigma_max.unwrap_or_else(|| level(end).min(80.0))]
    }

    /// The grid with `steps` steps on `path`; on the grid "levels" as many as there are levels.
    ///
    /// # Errors
    /// What the core says of levels out of range.
    pub fn grid(&self, path: &AnyPath, steps: usize) -> Result<Grid, Error> {
        let [sigma_min, sigma_max] = self.levels(path);
        Ok(match self.grid {
            GridKind::UniformT => Grid::uniform_t(path, steps)?,
            GridKind::UniformLambda => Grid::uniform_lambda(path, sigma_min, sigma_max, steps)?,
            GridKind::Karras => Grid::karras(path, sigma_min, sigma_max, self.rho, steps)?,
            GridKind::Levels => Grid::new(self.sigmas.iter().map(|sigma| path.time(-sigma.ln())).collect())?,
        })
    }
}
