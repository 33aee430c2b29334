//! Sums, products and quotients of dual numbers, with the broadcasting of tensors. A plain tensor is a constant.

use std::ops::{Add, Div, Mul, Sub};

use burn::tensor::Tensor;

use super::Dual;

impl<const D: usize, R: Into<Dual<D>>> Add<R> for Dual<D> {
    type Output = Dual<D>;

    fn add(self, other: R) -> Dual<D> {
        let other = other.into();
        let primal = self.primal + other.primal;
        let tangent = match (self.tangent, other.tangent) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b).map(|t| broadcast(t, &primal)),
        };
        Dual { primal, tangent }
    }
}

impl<const D: usize, R: Into<Dual<D>>> Sub<R> for Dual<D> {
    type Output = Dual<D>;

    fn sub(self, other: R) -> Dual<D> {
        let other = other.into();
        let primal = self.primal - other.primal;
        let tangent = match (self.tangent, other.tangent) {
            (Some(a), Some(b)) => Some(a - b),
            (a, b) => a.or(b.map(Tensor::neg)).map(|t| broadcast(t, &primal)),
        };
        Dual { primal, tangent }
    }
}

/// `d(a b) = da b + a db`.
impl<const D: usize, R: Into<Dual<D>>> Mul<R> for Dual<D> {
    type Output = Dual<D>;

    fn mul(self, other: R) -> Dual<D> {
        bilinear(self, other.into(), |a, b| a * b)
    }
}

/// `d(a/b) = (da - (a/b) db)/b`.
impl<const D: usize, R: Into<Dual<D>>> Div<R> for Dual<D> {
    type Output = Dual<D>;

    fn div(self, other: R) -> Dual<D> {
        let other = other.into();
        if self.tangent.is_none() && other.tangent.is_none() {
            return (self.primal / other.primal).into();
        }
        let primal = self.primal / other.primal.clone();
        let change = match (self.tangent, other.tangent) {
            (Some(da), Some(db)) => da - primal.clone() * db,
            (Some(da), None) => da,
            (None, db) => primal.clone() * db.expect("one of the two changes").neg(),
        };
        Dual { tangent: Some(broadcast(change / other.primal, &primal)), primal }
    }
}

impl<const D: usize> Dual<D> {
    /// Product of matrices over the last two dimensions.
    pub fn matmul(self, other: impl Into<Dual<D>>) -> Dual<D> {
        bilinear(self, other.into(), Tensor::matmul)
    }

    /// `self + a`.
    pub fn add_scalar(self, a: f64) -> Dual<D> {
        Dual { primal: self.primal.add_scalar(a), tangent: self.tangent }
    }

    /// `a self`.
    pub fn mul_scalar(self, a: f64) -> Dual<D> {
        self.linear_map(|x| x.mul_scalar(a))
    }
}

/// A product of any kind.
fn bilinear<const D: usize>(a: Dual<D>, b: Dual<D>, product: impl Fn(Tensor<D>, Tensor<D>) -> Tensor<D>) -> Dual<D> {
    let left = a.tangent.map(|da| product(da, b.primal.clone()));
    let right = b.tangent.map(|db| product(a.primal.clone(), db));
    let tangent = match (left, right) {
        (Some(left), Some(right)) => Some(left + right),
        (left, right) => left.or(right),
    };
    Dual { primal: product(a.primal, b.primal), tangent }
}

/// A rate of change in the shape of the value it belongs to.
fn broadcast<const D: usize>(tangent: Tensor<D>, primal: &Tensor<D>) -> Tensor<D> {
    if tangent.dims() == primal.dims() { tangent } else { tangent.expand(primal.dims()) }
}
