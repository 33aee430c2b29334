//! Data and the sources that go with them: normal noise or another distribution, paired at random or optimally, with a condition or without.
//!
//! Transport that ignores the condition gives each condition a part of the source only; sampling starts from all of it. The conditional coupling
//! pairs within a label, or between near conditions (C²OT, arXiv:2503.10636).

use burn::tensor::{Device, Tensor};
use diffusion::couple::Condition;
use diffusion::{Coupling, Rng, Space};
use serde::{Deserialize, Serialize};

use super::recipe::CouplingKind;
use super::standard::Standard;
use super::student::Lesson;
use super::{Point, Target};
use crate::Error;

/// `[pairs]`: where flows start and what they are told of their data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PairsSection {
    /// The target or file that a flow starts from; standard normal noise if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the network is told of the data.
    pub condition: ConditionKind,
    /// Data units per unit of a continuous condition in the conditional coupling.
    pub weight: f64,
}

/// What a network is told of the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionKind {
    /// Nothing.
    #[default]
    None,
    /// Their class.
    Label,
    /// Their first coordinate.
    X,
}

impl Default for PairsSection {
    fn default() -> Self {
        PairsSection { source: None, condition: ConditionKind::None, weight: 10.0 }
    }
}

/// A batch of pairs.
pub struct Paired {
    /// Data, `[B, 2]`.
    pub data: Tensor<2>,
    /// The source that goes with each, `[B, 2]`.
    pub source: Tensor<2>,
    /// What the network is told, `[B, C]`; none without a condition.
    pub condition: Option<Tensor<2>>,
}

/// How data and sources are drawn.
pub struct Pairs {
    target: Target,
    /// None for standard normal noise.
    source: Option<Target>,
    standard: Standard,
    section: PairsSection,
    coupling: Coupling,
    conditional: bool,
}

impl Pairs {
    /// By a lesson's recipe.
    ///
    /// # Errors
    /// A source that does not exist.
    pub fn of(lesson: &Lesson) -> Result<Pairs, Error> {
        let (recipe, section) = (lesson.recipe, lesson.recipe.pairs.clone());
        Ok(Pairs {
            target: lesson.target.clone(),
            source: section.source.as_deref().map(Target::find).transpose()?,
            standard: lesson.standard,
            section,
            coupling: recipe.coupling.build(),
            conditional: recipe.coupling == CouplingKind::Conditional,
        })
    }

    /// Columns of the condition.
    pub fn width(&self) -> usize {
        match self.section.condition {
            ConditionKind::None => 0,
            ConditionKind::Label => self.target.classes(),
            ConditionKind::X => 1,
        }
    }

    /// The pairs of a step.
    ///
    /// # Errors
    /// A weight below zero.
    pub fn draw(&self, lesson: &Lesson, rng: &mut Rng) -> Result<Paired, Error> {
        let (data, labels) = lesson.labelled(rng);
        let source = self.source(rng, &data);
        let beside: Vec<(Point, usize)> = self.standard.points(&data).into_iter().zip(labels.iter().copied()).collect();
        let values = self.numbers(&beside);
        let mut condition = Condition { weight: self.section.weight, ..Condition::default() };
        match self.section.condition {
            ConditionKind::Label if self.conditional => condition.labels = &labels,
            ConditionKind::X if self.conditional => condition.values = &values,
            _ => {}
        }
        let source = self.coupling.pair(&data, source, &condition, rng)?;
        Ok(Paired { data, source, condition: self.condition(&beside, &lesson.device) })
    }

    /// Standardised sources shaped like `like`, sample by sample.
    pub fn source(&self, rng: &mut Rng, like: &Tensor<2>) -> Tensor<2> {
        match &self.source {
            None => like.randn_like(rng),
            Some(source) => {
                let points: Vec<Point> = source.sample(rng, like.dims()[0]).into_iter().map(|(p, _)| p).collect();
                self.standard.tensor(&points, &like.device())
            }
        }
    }

    /// Conditions of fresh data, `[n, C]`.
    pub fn conditions(&self, rng: &mut Rng, n: usize, device: &Device) -> Option<Tensor<2>> {
        self.condition(&self.target.sample(rng, n), device)
    }

    /// What the network is told of given data and their classes, `[N, C]`.
    pub fn condition(&self, beside: &[(Point, usize)], device: &Device) -> Option<Tensor<2>> {
        let values: Vec<f32> = self.numbers(beside).into_iter().map(|v| v as f32).collect();
        let shape = [beside.len(), self.width()];
        (self.width() > 0).then(|| Tensor::from_data(burn::tensor::TensorData::new(values, shape), device))
    }

    /// The same as a list, row by row: classes as unit vectors, coordinates standardised.
    fn numbers(&self, beside: &[(Point, usize)]) -> Vec<f64> {
        let (classes, s) = (self.target.classes(), self.standard);
        let one = |(p, class): &(Point, usize)| match self.section.condition {
            ConditionKind::None => Vec::new(),
            ConditionKind::Label => (0..classes).map(|k| f64::from(u8::from(k == *class))).collect(),
            ConditionKind::X => vec![(p[0] - s.centre[0]) / s.spread],
        };
        beside.iter().flat_map(one).collect()
    }
}
