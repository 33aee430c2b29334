//! Guidance, reverse-mode pullbacks and latent models against closed forms.

mod autodiff;
mod classifier;
mod extrapolation;
mod latent;
