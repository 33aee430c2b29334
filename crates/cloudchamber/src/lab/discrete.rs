//! The plane as a board of cells: each coordinate is a token, and tokens diffuse by being replaced, by a mask or by any other token.
//!
//! A network tells the probabilities of both clean tokens. Samples are places drawn evenly from their cells, so no method of this kind
//! is nearer to the target than a board of [`CELLS`] x [`CELLS`] allows. Austin et al., arXiv:2107.03006; Sahoo et al., arXiv:2406.07524.

use std::cell::RefCell;

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Int, Tensor, TensorData};
use diffusion::discrete::{Categorical, Probabilities, Replacement, Schedule, Tokens};
use diffusion::{Grid, Linear, Process, Rng, generate};
use nets::ToyMlp;

use super::fit::fit;
use super::recipe::Kind;
use super::standard::{Standard, column};
use super::student::{Lesson, See, Student};
use super::{Point, Target};
use crate::Error;

/// Cells along each coordinate.
pub const CELLS: usize = 32;

/// The board on a target's window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Board {
    half: f64,
    centre: Point,
}

impl Board {
    /// The window's board.
    pub fn of(target: &Target) -> Board {
        let (half, centre) = target.window();
        Board { half, centre }
    }

    /// The cells that points lie in, or the nearest ones, two tokens each.
    pub fn tokens(&self, points: &[Point]) -> Tokens {
        let cell = |p: &Point, axis: usize| {
            let place = (p[axis] - self.centre[axis] + self.half) / (2.0 * self.half) * CELLS as f64;
            place.clamp(0.0, CELLS as f64 - 1.0) as u32
        };
        Tokens { values: points.iter().flat_map(|p| [cell(p, 0), cell(p, 1)]).collect(), length: 2 }
    }

    /// The coordinate along `axis` of a place `inside`, in [0, 1), of a cell.
    fn place(&self, cell: f64, inside: f64, axis: usize) -> f64 {
        self.centre[axis] - self.half + 2.0 * self.half * (cell + inside) / CELLS as f64
    }

    /// The points at given places, two numbers each in [0, 1), of their cells; masked coordinates are shown in the middle.
    pub fn points(&self, tokens: &Tokens, inside: &[f64]) -> Vec<Point> {
        let at = |i: usize, axis: usize| match tokens.values[2 * i + axis] as usize {
            cell if cell < CELLS => self.place(cell as f64, inside[2 * i + axis], axis),
            _ => self.centre[axis],
        };
        (0..tokens.rows()).map(|i| [at(i, 0), at(i, 1)]).collect()
    }
}

/// A network of the probabilities of clean tokens.
pub struct Discrete {
    network: ToyMlp,
    process: Categorical,
    board: Board,
    standard: Standard,
}

impl Discrete {
    /// Trains by cross entropy with the clean tokens; under masks only what is masked is asked for.
    ///
    /// # Errors
    /// Divergence, interruption.
    pub fn train(lesson: &Lesson) -> Result<Discrete, Error> {
        let masked = lesson.recipe.kind == Kind::AbsorbingTokens;
        let replacement = if masked { Replacement::Mask } else { Replacement::Uniform };
        let process = Categorical::new(CELLS, replacement, Schedule::Linear)?;
        let (board, options, device) = (Board::of(lesson.target), &lesson.recipe.train, &lesson.device);
        let network = lesson.network(2 * process.states());
        let network = fit(network, options, device, &mut |net: &ToyMlp, rng, _| {
            let data = board.tokens(&lesson.standard.points(&lesson.data(rng)));
            let t = rng.uniform(options.batch, 1);
            let x = process.corrupt(&data, &t, rng);
            let asked: Vec<f64> =
                x.values.iter().map(|v| f64::from(u8::from(process.mask().is_none_or(|mask| *v == mask)))).collect();
            let truth: Vec<i32> = data.values.iter().map(|v| *v as i32).collect();
            let truth = Tensor::<1, Int>::from_ints(truth.as_slice(), device).reshape([2 * options.batch, 1]);
            let logs = logs(net, &process, &x, &t, device).gather(1, truth) * column(&asked, device);
            Ok(logs.neg().reshape([options.batch, 2]).sum_dim(1).squeeze_dim(1))
        })?;
        Ok(Discrete { network, process, board, standard: lesson.standard })
    }

    fn estimate(&self, x: &Tokens, t: f64) -> Probabilities {
        let logs = logs(&self.network, &self.process, x, &vec![t; x.rows()], &Device::flex());
        Probabilities { values: logs.exp().to_data().iter::<f64>().collect(), classes: CELLS }
    }

    fn standardised(&self, tokens: &Tokens, inside: &[f64]) -> Tensor<2> {
        self.standard.tensor(&self.board.points(tokens, inside), &Device::flex())
    }
}

/// `ln p(clean token | x_t)`, `[2 B, CELLS]`: the network sees unit vectors.
fn logs(net: &ToyMlp, process: &Categorical, x: &Tokens, t: &[f64], device: &Device) -> Tensor<2> {
    let (batch, states) = (x.rows(), process.states());
    let mut input = vec![0f32; 2 * batch * states];
    x.values.iter().enumerate().for_each(|(place, state)| input[place * states + *state as usize] = 1.0);
    let input = Tensor::<2>::from_data(TensorData::new(input, [batch, 2 * states]), device);
    let output = net.forward(input, column(t, device)).slice([0..batch, 0..2 * CELLS]);
    log_softmax(output.reshape([2 * batch, CELLS]), 1)
}

impl Student for Discrete {
    fn walk(&self, evaluations: usize, like: &Tensor<2>, rng: &mut Rng, see: See) -> Result<Tensor<2>, Error> {
        let n = like.dims()[0];
        let inside = rng.uniform(n, 2);
        let grid = Grid::uniform_t(&Linear, evaluations.max(1))?;
        let start = self.process.prior(&Tokens { values: vec![0; 2 * n], length: 2 }, 1.0, rng);
        let see = RefCell::new(see);
        let mut model = |x: &Tokens, t: f64| {
            (see.borrow_mut())(&self.standardised(x, &inside));
            self.estimate(x, t)
        };
        let done = generate(&self.process, &mut model, &grid, start, rng);
        Ok(self.standardised(&done, &inside))
    }

    /// Where each coordinate is expected, less where it is: given the other one under masks, given both noisy ones else.
    fn direction(&self, x: Tensor<2>, level: f64) -> Tensor<2> {
        let points = self.standard.points(&x);
        let tokens = self.board.tokens(&points);
        let t = level / (1.0 + level);
        let expected = |x: &Tokens, axis: usize| -> Vec<f64> {
            let estimate = self.estimate(x, t);
            let mean = |i: usize| {
                let p = estimate.of(2 * i + axis);
                p.iter().enumerate().map(|(k, p)| p * self.board.place(k as f64, 0.5, axis)).sum()
            };
            (0..x.rows()).map(mean).collect()
        };
        let along = [0, 1].map(|axis| {
            let mut seen = tokens.clone();
            if let Some(mask) = self.process.mask() {
                seen.values.iter_mut().skip(axis).step_by(2).for_each(|v| *v = mask);
            }
            expected(&seen, axis)
        });
        let ends: Vec<Point> = along[0].iter().zip(&along[1]).map(|(x, y)| [*x, *y]).collect();
        self.standard.tensor(&ends, &x.device()) - x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_lies_in_its_cell_and_strays_go_to_the_edge() {
        let board = Board { half: 4.0, centre: [1.0, 0.0] };
        let points = vec![[1.1, -0.3], [-2.9, 3.9], [4.99, -3.99]];
        let tokens = board.tokens(&points);
        let (low, high) = (board.points(&tokens, &[0.0; 6]), board.points(&tokens, &[1.0; 6]));
        for ((p, low), high) in points.iter().zip(&low).zip(&high) {
            assert!((0..2).all(|axis| low[axis] <= p[axis] && p[axis] < high[axis]), "{p:?} {low:?} {high:?}");
            assert!((high[0] - low[0] - 8.0 / CELLS as f64).abs() < 1e-12);
        }
        assert_eq!(board.tokens(&[[99.0, -99.0]]).values, [CELLS as u32 - 1, 0]);
    }

    #[test]
    fn masked_coordinates_are_shown_in_the_middle() {
        let board = Board { half: 2.0, centre: [1.0, -1.0] };
        let tokens = Tokens { values: vec![CELLS as u32, 0], length: 2 };
        assert_eq!(board.points(&tokens, &[0.5, 0.0]), vec![[1.0, -3.0]]);
    }
}
