//! The network of a stage, chosen by the recipe: three architectures, each plain or Bayesian.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use collider::zjets::{EventEncoding, STAGES};
use nets::{
    CouplingFlow, CouplingFlowConfig, EventGpt, EventGptConfig, Noise, ResidualMlp, ResidualMlpConfig, Spread, bayes,
};

use super::recipe::{EventNetworkKind, EventRecipe};
use super::tokens::Tokens;

/// Half the side of the box in which flows bend codes: these end at four deviations, or hardly ever get further than this.
const BOUND: f64 = 6.0;

/// A network of one of the architectures.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a run has a handful of them")]
pub enum EventNet {
    /// Learns a regression.
    Residual(ResidualMlp),
    /// Learns a density.
    Flow(CouplingFlow),
    /// Learns a density number by number.
    Gpt(EventGpt),
}

/// A network, or the normal distribution of a Bayesian network's weights: means, then logarithms of variances in the same layout.
#[derive(Module, Debug)]
pub struct Posterior {
    means: EventNet,
    log_variances: Option<EventNet>,
}

impl EventNet {
    /// The network of a stage, freshly initialised.
    pub fn new(recipe: &EventRecipe, encoding: &EventEncoding, stage: usize, device: &Device) -> EventNet {
        let (network, features, conditions) = (&recipe.network, STAGES[stage].features, encoding.conditions(stage));
        let (width, layers) = (network.width, network.layers);
        match network.kind {
            EventNetworkKind::Residual => {
                EventNet::Residual(ResidualMlpConfig { features, conditions, width, layers }.init(device))
            }
            EventNetworkKind::Flow => {
                let (hidden, bins) = (network.hidden, network.bins);
                let config = CouplingFlowConfig { features, conditions, layers, width, hidden, bins, bound: BOUND };
                EventNet::Flow(config.init(device))
            }
            EventNetworkKind::Gpt => {
                let tokens = Tokens::of(recipe, stage).families().to_vec();
                let (components, heads) = (network.components, network.heads);
                let config =
                    EventGptConfig { components, width, heads, layers, ..EventGptConfig::new(tokens, conditions) };
                EventNet::Gpt(config.init(device))
            }
        }
    }
}

impl Posterior {
    /// The network of a stage, freshly initialised, with log variances if the recipe is Bayesian.
    pub fn new(recipe: &EventRecipe, encoding: &EventEncoding, stage: usize, device: &Device) -> Posterior {
        let means = EventNet::new(recipe, encoding, stage, device);
        let log_variances = recipe.bayes.is_some().then(|| bayes::initial_spread(&means));
        Posterior { means, log_variances }
    }

    /// The plain network; none if it is Bayesian.
    pub fn plain(&self) -> Option<&EventNet> {
        self.log_variances.is_none().then_some(&self.means)
    }

    /// The regression network's output, Bayesian with that noise if it is.
    pub fn regress(&self, x: Tensor<2>, noise: Tensor<2>, condition: Tensor<2>, with: &Noise) -> Option<Tensor<2>> {
        let EventNet::Residual(net) = &self.means else { return None };
        let spread: Spread<ResidualMlp> = match &self.log_variances {
            Some(EventNet::Residual(spread)) => Some((spread, with)),
            _ => None,
        };
        Some(net.forward_with(x, noise, condition, spread))
    }

    /// `ln p(x | condition)` in nats, `[B]`, Bayesian with that noise if it is.
    pub fn log_density(&self, x: Tensor<2>, condition: Tensor<2>, with: &Noise) -> Option<Tensor<1>> {
        match (&self.means, &self.log_variances) {
            (EventNet::Flow(net), Some(EventNet::Flow(s))) => Some(net.log_density(x, condition, Some((s, with)))),
            (EventNet::Flow(net), _) => Some(net.log_density(x, condition, None)),
            (EventNet::Gpt(net), Some(EventNet::Gpt(s))) => Some(net.log_density(x, condition, Some((s, with)))),
            (EventNet::Gpt(net), _) => Some(net.log_density(x, condition, None)),
            (EventNet::Residual(_), _) => None,
        }
    }
}
