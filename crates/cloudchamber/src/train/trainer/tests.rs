use std::path::Path;

use burn::tensor::Tensor;
use collider::encode::Row;

use super::*;
use crate::recipe::Recipe;
use crate::train::cache::Cache;
use crate::train::stages::TableStage;
use crate::ui::Silent;

/// The jet-level stage, whose loss leaves the finite numbers from a sample on.
struct Exploding<'a>(TableStage<'a>, u64);

impl Stage for Exploding<'_> {
    type Row = Row;
    type Net = nets::ResidualMlp;
    type Kernel = kernels::TableKernel;

    fn network(&self, device: &Device) -> Self::Net {
        self.0.network(device)
    }

    fn kernel(&self, net: &Self::Net) -> Option<Self::Kernel> {
        self.0.kernel(net)
    }

    fn load(&self, kernel: &mut Self::Kernel, parameters: &[f32]) {
        self.0.load(kernel, parameters);
    }

    fn gradient(&self, kernel: &Self::Kernel, rows: &[Row], rng: &mut Rng) -> Result<(f64, Vec<f32>), Error> {
        let factor = if rng.first >= self.1 { f64::INFINITY } else { 1.0 };
        self.0.gradient(kernel, rows, rng).map(|(loss, gradient)| (factor * loss, gradient))
    }

    fn loss(&self, kernel: &Self::Kernel, rows: &[Row], rng: &mut Rng) -> Result<f64, Error> {
        self.0.loss(kernel, rows, rng)
    }

    fn losses(&self, net: &Self::Net, rows: &[Row], rng: &mut Rng, device: &Device) -> Result<Tensor<1>, Error> {
        let factor = if rng.first >= self.1 { f32::INFINITY } else { 1.0 };
        Ok(self.0.losses(net, rows, rng, device)?.mul_scalar(factor))
    }
}

#[test]
fn divergence_stops_with_the_step_and_the_quantity_and_saves_nothing() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes/jets/quick.toml");
    let settings = ["data.limit=40", "jet_network.width=8", "jet_network.layers=1", "train.jet_batch=16"];
    let recipe = Recipe::load(&source, &settings.map(String::from)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cache = Cache::open_or_build(&recipe, dir.path(), None, &mut Silent).unwrap();
    let stage = Exploding(TableStage { recipe: &recipe, encoding: &cache.encoding }, 3 * 16);
    let plan = Plan { steps: 10, batch: 16, stream: 1 };
    let mut trainer = Trainer::new(&stage, &recipe.train, plan, &Device::flex());
    let mut saved = 0;
    let result = trainer.run("jets", &cache, &mut Silent, &mut |_| {
        saved += 1;
        Ok(())
    });
    // Steps 1 to 3 use samples 0 to 47; the fourth is the first to fail.
    match result {
        Err(Error::Diverged { step: 4, quantity, .. }) => assert_eq!(quantity, "the loss"),
        other => panic!("{other:?}"),
    }
    assert_eq!(saved, 0);
    assert_eq!(trainer.progress.step, 3);
    assert!(trainer.model().iter().all(|w| w.is_finite()));
}
