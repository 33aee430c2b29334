//! Ranges of single keys, and keys that contradict one another.

use super::{GridKind, NetworkKind, PathSection, Recipe, TimesKind};
use diffusion::{Path as _, Sampler};

use crate::Error;

impl Recipe {
    /// Checks everything that can be checked without opening the data.
    pub fn check(&self) -> Result<(), Error> {
        self.check_ranges()?;
        self.check_network()?;
        self.check_path()?;
        self.check_objective()?;
        self.check_train()?;
        self.check_sample()?;
        self.check_levels()
    }

    /// Checks that the data files exist.
    pub fn check_paths(&self) -> Result<(), Error> {
        for (class, path) in self.data_files()? {
            if !path.is_file() {
                let expected = "an existing JetNet HDF5 file (relative paths start at the recipe's directory)";
                return Err(self.value(&format!("data.files.{class}"), path.display(), expected));
            }
        }
        Ok(())
    }

    /// Checks that a file with `rows` jets of `capacity` particle slots can feed this recipe; `file` is its name for the message.
    pub fn check_data(&self, file: &std::path::Path, rows: u64, capacity: usize) -> Result<(), Error> {
        if capacity < self.data.particles {
            return Err(self.against(
                &format!("data.particles = {}", self.data.particles),
                &format!("{} ({capacity} particle slots)", file.display()),
                "the file has fewer slots than the model",
                &format!("set data.particles = {capacity}, or use a file with more particles"),
            ));
        }
        let kept = self.data.limit.map_or(rows, |l| rows.min(l as u64));
        if (kept as f64 * self.data.validation) < 1.0 || kept < 2 {
            return Err(self.against(
                &format!("data.validation = {}", self.data.validation),
                &format!("{} ({kept} jets)", file.display()),
                "no jet is left for the validation",
                "use more jets, or a larger data.validation",
            ));
        }
        Ok(())
    }

    fn check_ranges(&self) -> Result<(), Error> {
        let (d, n, t, s, o) = (&self.data, &self.network, &self.train, &self.sample, &self.objective);
        let whole: &[(&str, u64, u64)] = &[
            ("data.particles", d.particles as u64, 1000),
            ("data.limit", d.limit.unwrap_or(1) as u64, u64::MAX),
            ("network.width", n.width as u64, 4096),
            ("network.layers", n.layers as u64, 200),
            ("network.heads", n.heads as u64, 256),
            ("network.latent", n.latent as u64, 4096),
            ("jet_network.width", self.jet_network.width as u64, 4096),
            ("jet_network.layers", self.jet_network.layers as u64, 200),
            ("train.steps", t.steps, u64::MAX),
            ("train.jet_steps", t.jet_steps, u64::MAX),
            ("train.batch", t.batch as u64, 1 << 20),
            ("train.jet_batch", t.jet_batch as u64, 1 << 20),
            ("train.validate_every", t.validate_every, u64::MAX),
            ("train.checkpoint_every", t.checkpoint_every, u64::MAX),
            ("train.shards", t.shards as u64, 1024),
            ("sample.steps", s.steps as u64, 100_000),
        ];
        for &(key, value, most) in whole {
            if value == 0 || value > most {
                let expected = if most == u64::MAX { "at least 1".to_string() } else { format!("1 to {most}") };
                return Err(self.value(key, value, &expected));
            }
        }
        if let Some((class, &times)) = d.repeat.iter().find(|(_, n)| !(1..=1000).contains(*n)) {
            return Err(self.value(&format!("data.repeat.{class}"), times, "1 to 1000"));
        }
        let real: &[(&str, f64, bool, &str)] = &[
            ("data.validation", d.validation, d.validation > 0.0 && d.validation <= 0.5, "more than 0, at most 0.5"),
            (
                "objective.label_dropout",
                o.label_dropout,
                (0.0..1.0).contains(&o.label_dropout),
                "at least 0, less than 1",
            ),
            ("objective.sigma_data", o.sigma_data, o.sigma_data > 0.0, "more than 0"),
            ("objective.std", o.std.unwrap_or(1.0), o.std.is_none_or(|s| s > 0.0), "more than 0"),
            (
                "train.learning_rate",
                t.learning_rate,
                t.learning_rate > 0.0 && t.learning_rate < 1.0,
                "more than 0, less than 1",
            ),
            ("train.weight_decay", t.weight_decay, (0.0..1.0).contains(&t.weight_decay), "at least 0, less than 1"),
            ("train.clip", t.clip, t.clip > 0.0, "more than 0"),
            ("train.ema", t.ema, (0.0..1.0).contains(&t.ema), "at least 0, less than 1"),
            ("sample.rho", s.rho, s.rho >= 1.0, "at least 1"),
            ("sample.guidance", s.guidance, s.guidance >= 0.0, "at least 0; 1 is no guidance"),
        ];
        for &(key, value, good, expected) in real {
            if !good || !value.is_finite() {
                return Err(self.value(key, value, expected));
            }
        }
        Ok(())
    }

    fn check_network(&self) -> Result<(), Error> {
        let n = &self.network;
        if n.step_length && self.distil.is_none() {
            let why = "only a student has steps that are told from one another";
            return Err(self.against("network.step_length = true", "no [distil]", why, "remove it"));
        }
        if n.kind == NetworkKind::Transformer && !n.width.is_multiple_of(n.heads) {
            let fitting = (1..=n.heads).rev().find(|h| n.width.is_multiple_of(*h)).unwrap_or(1);
            return Err(self.against(
                &format!("network.heads = {}", n.heads),
                &format!("network.width = {}", n.width),
                "every head takes an equal part of the width",
                &format!("set network.heads = {fitting}, or network.width = {}", n.width.next_multiple_of(n.heads)),
            ));
        }
        Ok(())
    }

    fn check_path(&self) -> Result<(), Error> {
        let (low, high, least, most) = match self.path {
            PathSection::Linear {} | PathSection::Cosine {} | PathSection::Trig {} => return Ok(()),
            // The core says what is wrong with its constant.
            PathSection::Polynomial { .. } => return self.path.build().map(|_| ()),
            PathSection::Edm { sigma_min, sigma_max } | PathSection::Ve { sigma_min, sigma_max } => {
                ("sigma_min", "sigma_max", sigma_min, sigma_max)
            }
            PathSection::Vp { beta_min, beta_max } | PathSection::SubVp { beta_min, beta_max } => {
                ("beta_min", "beta_max", beta_min, beta_max)
            }
        };
        self.ordered(&format!("path.{low}"), least, &format!("path.{high}"), most)
    }

    fn check_objective(&self) -> Result<(), Error> {
        let o = &self.objective;
        if o.times == TimesKind::Uniform && (o.mean.is_some() || o.std.is_some()) {
            return Err(self.against(
                if o.mean.is_some() { "objective.mean" } else { "objective.std" },
                "objective.times = \"uniform\"",
                "uniform times have neither mean nor std",
                "remove it, or use times = \"logitnormal\" or \"lognormal\"",
            ));
        }
        Ok(())
    }

    fn check_train(&self) -> Result<(), Error> {
        let t = &self.train;
        for (key, steps) in [("train.steps", t.steps), ("train.jet_steps", t.jet_steps)] {
            if t.warmup >= steps {
                let why = "the learning rate would still be rising at the end";
                let remedy = format!("set train.warmup = {}", steps / 20);
                return Err(self.against(
                    &format!("train.warmup = {}", t.warmup),
                    &format!("{key} = {steps}"),
                    why,
                    &remedy,
                ));
            }
        }
        if let Some(cooldown) = t.cooldown.filter(|c| !(0.0..=1.0).contains(c)) {
            return Err(self.value("train.cooldown", cooldown, "0 to 1, a part of the steps"));
        }
        for (key, batch) in [("train.batch", t.batch), ("train.jet_batch", t.jet_batch)] {
            if t.shards <= batch {
                continue;
            }
            let why = "a shard without a jet has no gradient";
            return Err(self.against(
                &format!("train.shards = {}", t.shards),
                &format!("{key} = {batch}"),
                why,
                "use at most as many shards as jets",
            ));
        }
        Ok(())
    }

    fn check_sample(&self) -> Result<(), Error> {
        let s = &self.sample;
        if s.sampler.parse::<Sampler>().is_err() {
            return Err(Error::sampler(&s.sampler, &format!("{}: sample.sampler", self.source.display())));
        }
        let levels = [("sample.sigma_min", s.sigma_min), ("sample.sigma_max", s.sigma_max)];
        let given = levels.into_iter().find_map(|(key, value)| Some((key, value?)));
        let fixed = match s.grid {
            GridKind::UniformT => Some(("sample.grid = \"uniform_t\"", "a grid uniform in t covers the whole path")),
            GridKind::Levels => Some(("sample.grid = \"levels\"", "the noise levels are given one by one")),
            _ => None,
        };
        if let (Some((grid, why)), Some((key, value))) = (fixed, given) {
            let remedy = "remove it, or use grid = \"karras\" or \"uniform_lambda\"";
            return Err(self.against(&format!("{key} = {value}"), grid, why, remedy));
        }
        if s.guidance != 1.0 && self.objective.label_dropout == 0.0 {
            let why = "guidance needs a model that has also learned without labels";
            return Err(self.against(
                &format!("sample.guidance = {}", s.guidance),
                "objective.label_dropout = 0",
                why,
                "set objective.label_dropout = 0.1, or guidance = 1",
            ));
        }
        self.ordered(
            "sample.sigma_min",
            s.sigma_min.unwrap_or(f64::MIN_POSITIVE),
            "sample.sigma_max",
            s.sigma_max.unwrap_or(f64::MAX),
        )
    }

    /// The grid "levels", and distillation, which needs it.
    fn check_levels(&self) -> Result<(), Error> {
        let s = &self.sample;
        if s.grid == GridKind::Levels {
            if let Some(wrong) = s.sigmas.iter().find(|sigma| !(sigma.is_finite() && **sigma > 0.0)) {
                return Err(self.value("sample.sigmas", wrong, "noise levels above 0"));
            }
            if s.sigmas.is_empty() || s.sigmas.windows(2).any(|w| w[1] >= w[0]) {
                return Err(self.value(
                    "sample.sigmas",
                    format!("{:?}", s.sigmas),
                    "decreasing noise levels, one per step",
                ));
            }
            if !self.strides().iter().any(|stride| s.steps * stride == s.sigmas.len()) {
                return Err(self.against(
                    &format!("sample.steps = {}", s.steps),
                    &format!("sample.sigmas, {} of them", s.sigmas.len()),
                    "each step starts from one of them",
                    &format!("set sample.steps = {}", s.sigmas.len()),
                ));
            }
            let Some(distil) = &self.distil else {
                let why = "only a distilled network knows single noise levels";
                return Err(self.against("sample.grid = \"levels\"", "no [distil]", why, "choose another grid"));
            };
            if !(1..=1000).contains(&distil.teacher_steps) {
                return Err(self.value("distil.teacher_steps", distil.teacher_steps, "1 to 1000"));
            }
            self.check_within_path()?;
        } else if !s.sigmas.is_empty() {
            let why = "only the grid \"levels\" takes them";
            return Err(self.against("sample.sigmas", "sample.grid", why, "set grid = \"levels\", or remove sigmas"));
        }
        if self.distil.is_some() && (s.grid != GridKind::Levels || s.sampler.parse() != Ok(Sampler::Ddim { eta: 0.0 }))
        {
            let why = "a student learns the DDIM steps between given noise levels";
            let remedy = "set sampler = \"ddim\", grid = \"levels\" and sigmas = [...]";
            return Err(self.against("[distil]", "[sample]", why, remedy));
        }
        Ok(())
    }

    /// Levels that the path reaches, above that of its data end.
    fn check_within_path(&self) -> Result<(), Error> {
        let path = self.path.build()?;
        let (start, end) = path.span();
        let outside = |sigma: &&f64| {
            let t = path.time(-sigma.ln());
            // A path that goes on for ever ends at its last time at any noise level, however large.
            let found = (-path.at(t).lambda()).exp();
            !(t > start && t <= end && (found / **sigma - 1.0).abs() < 1e-6)
        };
        match self.sample.sigmas.iter().find(outside) {
            Some(sigma) => Err(self.value("sample.sigmas", sigma, "noise levels sigma/alpha that the path reaches")),
            None => Ok(()),
        }
    }

    fn ordered(&self, low: &str, least: f64, high: &str, most: f64) -> Result<(), Error> {
        if !(least.is_finite() && least > 0.0) {
            return Err(self.value(low, least, "more than 0"));
        }
        if !(most.is_finite() && most > least) {
            return Err(self.against(
                &format!("{low} = {least}"),
                &format!("{high} = {most}"),
                "the first must be smaller",
                "exchange or change them",
            ));
        }
        Ok(())
    }

    /// Two settings that exclude each other.
    pub(crate) fn against(&self, first: &str, second: &str, why: &str, remedy: &str) -> Error {
        Error::Contradiction {
            file: self.source.clone(),
            first: first.into(),
            second: second.into(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }
}
