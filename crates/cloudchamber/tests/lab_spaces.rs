//! The laboratory beyond noise and the plane: flows between data sets, interpolants, energies, tori and tokens against what is known of them.

use std::f64::consts::PI;
use std::path::Path;

use cloudchamber::lab::{DataFlow, LabRecipe, Point, Target, Trained};
use diffusion::Rng;

fn load(name: &str, settings: &[&str]) -> Result<LabRecipe, cloudchamber::Error> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../recipes/toys/{name}.toml"));
    let small =
        ["network.width=32", "network.layers=2", "train.batch=128", "train.ema=0.98", "train.learning_rate=0.01"];
    LabRecipe::load(&path, &small.iter().chain(settings).map(|s| s.to_string()).collect::<Vec<_>>())
}

fn recipe(name: &str, settings: &[&str]) -> LabRecipe {
    load(name, settings).unwrap()
}

/// A target of the given points, through a file as a user would give them.
fn file(dir: &Path, name: &str, points: impl IntoIterator<Item = Point>) -> String {
    let text: String = points.into_iter().map(|p| format!("{},{}\n", p[0], p[1])).collect();
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_string()
}

fn normals(seed: u64, mean: Point, std: Point) -> Vec<Point> {
    let z = Rng::new(seed).normal_f64(4000, 2);
    z.chunks(2).map(|z| [mean[0] + std[0] * z[0], mean[1] + std[1] * z[1]]).collect()
}

/// Optimal transport between two normals with diagonal covariances is linear, coordinate by coordinate: `mean' + (std'/std) (x - mean)`. A
/// flow trained on optimal pairs goes there in one Euler step, up to what batches of 128 and a short training leave. One trained on random
/// pairs goes to the mean, a root mean square of `|std'|` away.
#[test]
fn one_step_between_two_normals_is_the_optimal_map() {
    let dir = tempfile::tempdir().unwrap();
    let source = file(dir.path(), "source.csv", normals(1, [0.0, 0.0], [1.0, 0.5]));
    let target = Target::find(&file(dir.path(), "data.csv", normals(2, [3.0, -1.0], [0.5, 1.0]))).unwrap();
    let map = |x: &Point| [3.0 + 0.5 * x[0], -1.0 + 2.0 * x[1]];
    let starts = &normals(3, [0.0, 0.0], [1.0, 0.5])[..500];
    let away = |coupling: &str| {
        let settings = [&format!("pairs.source={source}"), &format!("coupling={coupling}"), "train.steps=400"];
        let flow = DataFlow::learn(&recipe("data-to-data", &settings.map(|s: &str| s)), &target).unwrap();
        let (ends, evaluations) = flow.carry(Some(1), starts, &[]).unwrap();
        assert_eq!(evaluations, 1.0);
        let square = |(x, y): (&Point, &Point)| (map(x)[0] - y[0]).powi(2) + (map(x)[1] - y[1]).powi(2);
        (starts.iter().zip(&ends).map(square).sum::<f64>() / starts.len() as f64).sqrt()
    };
    let (optimal, random) = (away("exact"), away("independent"));
    let collapsed = 0.5f64.hypot(1.0);
    assert!(optimal < 0.25 * collapsed, "{optimal} from the optimal map");
    assert!((random - collapsed).abs() < 0.3 * collapsed, "{random} instead of {collapsed}");
}

/// Four points in each of two coordinates' product: left with 1/4, below with 1/2. One look reveals both coordinates at once, which for
/// a product loses nothing; many looks change nothing. Tolerance: 4 sigma of 2000 draws and 0.03 for the training.
#[test]
fn tokens_of_a_product_have_its_marginals_in_one_look_and_in_many() {
    let dir = tempfile::tempdir().unwrap();
    let points = [0.0, 10.0, 10.0, 10.0].into_iter().flat_map(|x| [[x, 0.0], [x, 10.0]]);
    let target = Target::find(&file(dir.path(), "product.csv", points)).unwrap();
    for name in ["absorbing-tokens", "uniform-tokens"] {
        let trained = Trained::new(&recipe(name, &["train.steps=250"]), &target, None).unwrap();
        for looks in [1, 16] {
            let samples = trained.samples(looks, 5, 2000).unwrap();
            for (expected, what, inside) in [
                (0.25, "left", (|p: &Point| p[0] < 1.0) as fn(&Point) -> bool),
                (0.75, "right", |p| p[0] > 9.0),
                (0.5, "below", |p| p[1] < 1.0),
                (0.125, "left below", |p| p[0] < 1.0 && p[1] < 1.0),
            ] {
                let share = samples.iter().filter(|p| inside(p)).count() as f64 / 2000.0;
                let error: f64 = 4.0 * (expected * (1.0 - expected) / 2000.0f64).sqrt() + 0.03;
                assert!(
                    (share - expected).abs() < error,
                    "{name}, {looks} looks, {what}: {share} instead of {expected}"
                );
            }
        }
    }
}

/// Data on both sides of the seam are one hump on the torus. Its first circular moment, `E[exp(i angle)]`, is that of the data within
/// the errors of both samples, 0.02 each at most, and 0.08 for the training; in the plane's terms half of the samples are at either edge.
#[test]
fn a_hump_across_the_seam_is_one_hump() {
    let dir = tempfile::tempdir().unwrap();
    // The outermost points set the window: period 2, with the seam at x = 1.
    let half = 1.0 / 1.1;
    let wrapped = |x: f64| (x + 1.0).rem_euclid(2.0) - 1.0;
    let inside = normals(4, [1.0, 0.0], [0.15, 0.3])
        .into_iter()
        .map(|p| [wrapped(p[0]).clamp(-half, half), p[1].clamp(-half, half)]);
    let data: Vec<Point> = inside.chain([[-half, 0.0], [half, 0.0]]).collect();
    let target = Target::find(&file(dir.path(), "seam.csv", data.clone())).unwrap();
    assert!((target.window().0 - 1.0).abs() < 1e-9);
    let moment = |points: &[Point]| {
        let sum = points.iter().fold([0.0, 0.0], |s, p| [s[0] + (PI * p[0]).cos(), s[1] + (PI * p[0]).sin()]);
        sum.map(|s| s / points.len() as f64)
    };
    let expected = moment(&data);
    for name in ["torus-flow", "torus-score"] {
        let trained = Trained::new(&recipe(name, &["train.steps=250"]), &target, None).unwrap();
        let samples = trained.samples(32, 5, 1000).unwrap();
        assert!(samples.iter().flatten().all(|x| (-1.0..=1.0).contains(x)));
        let found = moment(&samples);
        let gap = (found[0] - expected[0]).hypot(found[1] - expected[1]);
        assert!(gap < 0.12, "{name}: {found:?} instead of {expected:?}");
        let left = samples.iter().filter(|p| p[0] < 0.0).count();
        assert!((300..700).contains(&left), "{name}: {left} of 1000 left of the seam");
    }
}

/// The integral of a gradient along a closed way is zero; the trapezoidal rule on a circle is exact to rounding. The plain network's
/// field has a curl, since nothing forbids it. Both after a few steps of training: it is a property of the network, not of what it has learnt.
#[test]
fn the_field_of_an_energy_has_no_curl() {
    let n = 200;
    let angle = |i: usize| 2.0 * PI * i as f64 / n as f64;
    let circle: Vec<Point> = (0..n).map(|i| [1.0 + 1.5 * angle(i).cos(), 0.5 + 1.5 * angle(i).sin()]).collect();
    let circulation = |name: &str| {
        let trained = Trained::new(&recipe(name, &["train.steps=40"]), &Target::Moons, None).unwrap();
        let field = trained.field(&circle, 0.4);
        let along: f64 = field.iter().enumerate().map(|(i, v)| v[1] * angle(i).cos() - v[0] * angle(i).sin()).sum();
        along.abs() / field.iter().map(|v| v[0].hypot(v[1])).sum::<f64>()
    };
    let (energy, plain) = (circulation("energy"), circulation("edm"));
    assert!(energy < 1e-5 && plain > 20.0 * energy, "energy {energy}, plain {plain}");
}

/// Whatever noise is put in on the way, the end is the data's law: mean and standard deviation of each coordinate, within 0.15 of the
/// standard deviation (1000 samples know them to 0.03, the rest is for the training).
#[test]
fn an_interpolant_ends_at_the_data_with_and_without_noise_on_the_way() {
    let dir = tempfile::tempdir().unwrap();
    let source = file(dir.path(), "source.csv", normals(1, [-2.0, 0.0], [0.5, 0.5]));
    let target = Target::find(&file(dir.path(), "data.csv", normals(2, [2.0, 1.0], [1.0, 0.5]))).unwrap();
    for name in ["stochastic-interpolant", "stochastic-interpolant-sde"] {
        let recipe = recipe(name, &[&format!("pairs.source={source}"), "train.steps=400"]);
        let trained = Trained::new(&recipe, &target, None).unwrap();
        let samples = trained.samples(64, 7, 1000).unwrap();
        for (axis, (mean, std)) in [(2.0, 1.0), (1.0, 0.5)].into_iter().enumerate() {
            let found = samples.iter().map(|p| p[axis]).sum::<f64>() / 1000.0;
            let spread = (samples.iter().map(|p| (p[axis] - found).powi(2)).sum::<f64>() / 1000.0).sqrt();
            assert!(
                (found - mean).abs() < 0.15 * std && (spread / std - 1.0).abs() < 0.15,
                "{name}, {axis}: {found} {spread}"
            );
        }
    }
}

#[test]
fn a_deep_equilibrium_learns_and_samples() {
    let trained = Trained::new(&recipe("deep-equilibrium", &["train.steps=60"]), &Target::Moons, None).unwrap();
    let (few, none) = (trained.samples(8, 1, 64).unwrap(), trained.samples(1, 1, 64).unwrap());
    assert!(few.iter().chain(&none).flatten().all(|x| x.is_finite()) && few != none);
}

#[test]
fn pairs_that_make_no_sense_are_refused_by_name() {
    for (name, settings, key) in [
        ("edm", &["pairs.source=moons"][..], "pairs.source"),
        ("flow-matching", &["coupling=conditional"], "coupling"),
        ("data-to-data", &["coupling=conditional"], "coupling"),
        ("stochastic-interpolant", &["pairs.condition=label"], "pairs.condition"),
        ("data-to-data", &["pairs.weight=-1"], "pairs.weight"),
    ] {
        let message = load(name, settings).unwrap_err().to_string();
        assert!(message.contains(&format!("'{key}'")), "{message}");
    }
    let source = recipe("data-to-data", &["pairs.source=mons"]);
    let message = DataFlow::learn(&source, &Target::Moons).err().unwrap().to_string();
    assert!(message.contains("moons"), "{message}");
    let sampler = recipe("stochastic-interpolant", &["sample.sampler=euler"]);
    let message = Trained::new(&sampler, &Target::Moons, None).err().unwrap().to_string();
    assert!(message.contains("heun"), "{message}");
}
