//! The variational bound on `-ln p` of a molecule: of its size, and of positions without their centre, elements and charges given it.
//!
//! 1. `L_N = -ln p(N)`, from the training molecules' histogram
//! 2. `L_T = alpha_T^2 |z|^2/(2 sigma_T^2)`, against the noise that sampling begins with
//! 3. `L_t = (snr(s) - snr(t)) |z - D(z_t)|^2/2` for each step `t -> s` of a grid: one step drawn at random counts for all
//! 4. `L_0`: the density `N(D, (sigma_0/alpha_0)^2)` of positions, with its constant `(N - 1) 3 ln(sqrt(2 pi) sigma_0/alpha_0)`, in which the centre does
//!    not count; the shares of a normal of that width about an element's noised code within half a unit of 1, made to sum to one over the elements;
//!    and that of a charge within half a unit of its own
//!
//! Hoogeboom et al., arXiv:2203.17003, section 3 and appendix A; Kingma et al., arXiv:2107.00630, eq. 12. Positions in units of the encoding are
//! made ones in Angstrom by `(N - 1) 3 ln(positions)`.

use burn::tensor::Device;
use diffusion::{Batch, Denoise, Path, Rng, Space};
use kernels::CloudKernel;
use serde::Serialize;

use super::denoiser::MoleculeDenoiser;
use super::encoding::{MoleculeEncoding, MoleculeRow, SPACE};
use super::model::MoleculeModel;
use super::question;
use crate::Error;

/// Molecules of a batch.
const BATCH: usize = 64;

/// The terms of the bound in nats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Bound {
    /// `L_N`.
    pub size: f64,
    /// `L_T`.
    pub prior: f64,
    /// The sum of all `L_t`, an estimate.
    pub steps: f64,
    /// `L_0` of positions, in Angstrom.
    pub positions: f64,
    /// `L_0` of elements and charges.
    pub features: f64,
}

impl Bound {
    /// The bound.
    pub fn total(&self) -> f64 {
        self.size + self.prior + self.steps + self.positions + self.features
    }
}

/// `ln p(positions | z_0)` without its squared error: minus `(N - 1) 3 ln(sqrt(2 pi) std)`.
pub fn log_constant(atoms: usize, std: f64) -> f64 {
    -((atoms.max(1) - 1) as f64) * SPACE as f64 * (0.5 * std::f64::consts::TAU.ln() + std.ln())
}

/// `ln` of the mass of `N(centre, std^2)` within half a unit of `value`.
fn log_mass(value: f64, centre: f64, std: f64) -> f64 {
    let below = |x: f64| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    // The mirror image in the upper tail, where differences of numbers close to one would be lost.
    let distance = (value - centre).abs();
    (below((0.5 - distance) / std) - below((-0.5 - distance) / std)).max(1e-300).ln()
}

/// `-ln p` of a molecule's elements and charges given its codes at the end of the path, divided by `alpha_0`; `std` is `sigma_0/alpha_0`.
pub fn features(encoding: &MoleculeEncoding, row: &MoleculeRow, codes: &[f32], std: f64) -> f64 {
    let mut sum = 0.0;
    for (atom, &element) in codes.chunks_exact(encoding.columns()).zip(&row.elements) {
        let masses: Vec<f64> = atom[SPACE..SPACE + encoding.elements.len()]
            .iter()
            .map(|&code| log_mass(1.0, f64::from(code) * encoding.one_hot, std * encoding.one_hot))
            .collect();
        let largest = masses.iter().copied().fold(f64::MIN, f64::max);
        let all = largest + masses.iter().map(|m| (m - largest).exp()).sum::<f64>().ln();
        sum += all - masses[usize::from(element)];
        if encoding.charges > 0.0 {
            let found = f64::from(atom[SPACE + encoding.elements.len()]) * encoding.charges;
            let charge = f64::from(encoding.elements[usize::from(element)]);
            sum -= log_mass(charge, found, std * encoding.charges);
        }
    }
    sum
}

/// What the network is told of these molecules.
fn conditions(encoding: &MoleculeEncoding, rows: &[MoleculeRow]) -> Vec<f32> {
    let mut condition = Vec::new();
    rows.iter().for_each(|row| encoding.push_condition(&mut condition, |i| row.properties.get(i).copied()));
    condition
}

/// The bounds of encoded molecules over `steps` equal steps of the model's path, of which `draws` are drawn.
///
/// # Errors
/// Those of the model's path, and what `progress` returns after each draw of a batch; [`Error::Argument`] for a model of latents.
pub fn bounds(
    model: &MoleculeModel,
    rows: &[MoleculeRow],
    steps: usize,
    draws: usize,
    seed: u64,
    progress: &mut dyn FnMut(usize, usize) -> Result<(), Error>,
) -> Result<Vec<Bound>, Error> {
    if model.recipe.autoencoder.is_some() {
        let expected = "a model of molecules themselves: this one is of latents, whose decoder gives positions but not their law, so that there is \
                        no bound on that of molecules";
        return Err(Error::argument("MODEL", &model.meta.name, expected));
    }
    let (encoding, layout, path) = (&model.meta.encoding, model.meta.encoding.layout(), model.recipe.path()?);
    let kernel = CloudKernel::egnn(&model.net());
    let (start, end) = path.span();
    let time = |i: usize| start + (end - start) * i as f64 / steps as f64;
    let total: u64 = encoding.sizes.iter().sum();
    let mut all = Vec::with_capacity(rows.len());
    let batches = rows.len().div_ceil(BATCH);
    for (number, rows) in rows.chunks(BATCH).enumerate() {
        let sizes: Vec<usize> = rows.iter().map(MoleculeRow::atoms).collect();
        let (capacity, columns) = (question::capacity(rows.iter()), layout.columns());
        let mask = question::mask(&sizes, capacity);
        let mut codes = Vec::new();
        for row in rows {
            encoding.push_codes(&mut codes, row);
            codes.resize(codes.len().next_multiple_of(capacity * columns), 0.0);
        }
        let shape = [rows.len(), capacity, columns];
        let data = question::cloud(codes, &mask, shape, &Device::flex());
        let denoiser = MoleculeDenoiser {
            kernel: &kernel,
            layout: &layout,
            path: &path,
            targets: encoding.spread.map(|spread| question::target(&model.recipe, spread)),
            mask,
            condition: conditions(encoding, rows),
        };
        let first = (number * BATCH) as u64;
        let rng = |stream| Rng::new(seed).stream(stream).at(first);
        let (last, zero) = (path.at(end), path.at(start));
        let noised = |t: f64, rng: &mut Rng| {
            let c = path.at(t);
            data.clone().axpby(c.alpha, c.sigma, &data.randn_like(rng))
        };
        let square = data.dot(&data);
        let mut found: Vec<Bound> = (0..rows.len())
            .map(|r| {
                let known = encoding.sizes.get(sizes[r]).copied().unwrap_or(0);
                Bound {
                    size: -(known as f64 / total as f64).ln(),
                    prior: last.snr() * square[r] / 2.0,
                    ..Bound::default()
                }
            })
            .collect();
        // One step for the whole batch: each molecule's estimate is unbiased all the same.
        let mut turns = Rng::new(seed).stream(1).at((number * draws) as u64);
        for (draw, u) in turns.stratified(draws).into_iter().enumerate() {
            let step = ((u * steps as f64) as usize).min(steps - 1);
            let (t, s) = (time(step + 1), time(step));
            let x = noised(t, &mut rng(2 + draw as u64));
            let error = denoiser.denoise(&x, t).axpby(-1.0, 1.0, &data);
            let gain = path.at(s).snr() - path.at(t).snr();
            for (bound, error) in found.iter_mut().zip(error.dot(&error)) {
                bound.steps += steps as f64 / draws as f64 * gain * error / 2.0;
            }
            progress(number * draws + draw + 1, batches * draws)?;
        }
        let std = zero.sigma / zero.alpha;
        let z = noised(start, &mut rng(0));
        let estimate = nets::host(denoiser.denoise(&z, start).cloud.x);
        let (z, clean) = (nets::host(z.cloud.x), nets::host(data.cloud.x.clone()));
        for (r, (row, bound)) in rows.iter().zip(&mut found).enumerate() {
            let of = |numbers: &[f32]| numbers[r * capacity * columns..][..sizes[r] * columns].to_vec();
            let (z, clean, estimate) = (of(&z), of(&clean), of(&estimate));
            let position = |i: &usize| i % columns < SPACE;
            let error = |i: usize| f64::from(clean[i] - estimate[i]).powi(2);
            let squares: f64 = (0..clean.len()).filter(position).map(error).sum();
            let freedom = ((sizes[r].max(1) - 1) * SPACE) as f64;
            bound.positions =
                squares / (2.0 * std * std) - log_constant(sizes[r], std) + freedom * encoding.positions.ln();
            let scaled: Vec<f32> = z.iter().map(|z| z / zero.alpha as f32).collect();
            bound.features = features(encoding, row, &scaled, std);
        }
        all.extend(found);
    }
    Ok(all)
}
