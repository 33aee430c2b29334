//! Speed of the cloud networks: forward pass as `chamber sample` runs it, training step as `chamber train` runs it.
//!
//! ```text
//! cargo bench                                   all networks at batch 256, medians in milliseconds and samples per second
//! cargo bench -- transformer --repeats 20       those whose name contains the word
//! cargo bench -- egnn --batch 64 --particles 20
//! cargo bench -- --model models/jets.safetensors
//! cargo bench -- --full                         without padding: every cloud has all its particles
//! cargo bench -- --bf16                         products of forward passes in bfloat16, in training too
//! cargo bench -- --forward                      no training steps
//! cargo bench --features cuda -- --device cuda --batch 1024      tensors on a GPU; --device flex: the same on the CPU
//! cargo bench -- --json --dump networks.safetensors
//! ```
//! `--dump` writes weights, inputs, outputs, loss and gradients for `scripts/bench_pytorch.py`, which compares them with PyTorch.

mod engine;
mod problem;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use cloudchamber::device::{self, DeviceName};
use cloudchamber::tensors;
use engine::Engine;
use problem::Problem;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Options {
    filter: String,
    model: Option<PathBuf>,
    dump: Option<PathBuf>,
    json: bool,
    full: bool,
    bf16: bool,
    forward: bool,
    device: String,
    batch: usize,
    particles: usize,
    threads: usize,
    repeats: usize,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, String> {
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        let mut options = Options {
            filter: String::new(),
            model: None,
            dump: None,
            json: false,
            full: false,
            bf16: false,
            forward: false,
            device: "cpu".into(),
            batch: 256,
            particles: 30,
            threads,
            repeats: 10,
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or(format!("{word} wants a value"));
            let number = |text: String| {
                text.parse().ok().filter(|n| *n > 0).ok_or(format!("{word} wants a number from 1 on, not {text}"))
            };
            match word.as_str() {
                "--bench" => {} // cargo's own
                "--json" => options.json = true,
                "--full" => options.full = true,
                "--bf16" => options.bf16 = true,
                "--forward" => options.forward = true,
                "--device" => options.device = value()?,
                "--dump" => options.dump = Some(value()?.into()),
                "--model" => options.model = Some(value()?.into()),
                "--batch" => options.batch = number(value()?)?,
                "--particles" => options.particles = number(value()?)?,
                "--threads" => options.threads = number(value()?)?,
                "--repeats" => options.repeats = number(value()?)?,
                filter if !filter.starts_with('-') => options.filter = filter.to_string(),
                _ => return Err(format!("unknown option {word}")),
            }
        }
        Ok(options)
    }

    /// Kernels on the CPU, or tensors on what was asked for.
    fn engine<'a>(&self, problem: &'a Problem) -> Result<Engine<'a>, String> {
        let tensors = match self.device.as_str() {
            "cpu" => return Ok(Engine::kernels(problem, self.threads, self.bf16)),
            "flex" => DeviceName::Cpu,
            "cuda" => DeviceName::Cuda,
            "wgpu" => DeviceName::Wgpu,
            other => {
                return Err(format!("--device is cpu (kernels), flex (tensors on the CPU), cuda or wgpu, not {other}"));
            }
        };
        Ok(Engine::tensors(problem, tensors.open().map_err(|e| e.to_string())?))
    }

    fn problems(&self) -> Result<Vec<Problem>, String> {
        let problems = match &self.model {
            Some(file) => vec![Problem::of_model(file, self.batch, self.full).map_err(|e| e.to_string())?],
            None => Problem::fresh((self.batch, self.particles, self.full)),
        };
        let wanted: Vec<Problem> = problems.into_iter().filter(|p| p.name.contains(&self.filter)).collect();
        if wanted.is_empty() { Err(format!("no network's name contains \"{}\"", self.filter)) } else { Ok(wanted) }
    }
}

/// Times of one network in seconds.
struct Times {
    forward: Vec<f64>,
    train: Vec<f64>,
}

fn timed<T>(times: &mut Vec<f64>, work: impl FnOnce() -> T) {
    let start = Instant::now();
    std::hint::black_box(work());
    times.push(start.elapsed().as_secs_f64());
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { (sorted[half - 1] + sorted[half]) / 2.0 }
}

fn run(options: &Options) -> Result<(), String> {
    let problems = options.problems()?;
    if let Some(path) = &options.dump {
        let mut arrays = Vec::new();
        for problem in &problems {
            arrays.extend(problem.dump(&options.engine(problem)?));
        }
        let about: serde_json::Map<String, _> = problems.iter().map(|p| (p.name.clone(), p.config.clone())).collect();
        tensors::write(path, &arrays, &about.into()).map_err(|e| e.to_string())?;
    }
    let mut engines = problems.iter().map(|p| options.engine(p)).collect::<Result<Vec<Engine>, String>>()?;
    let mut times: Vec<Times> = problems.iter().map(|_| Times { forward: Vec::new(), train: Vec::new() }).collect();
    for engine in &mut engines {
        engine.forward();
        engine.train();
    }
    // Round by round, so that a disturbance of the machine meets all alike.
    for _ in 0..options.repeats {
        for (engine, times) in engines.iter_mut().zip(&mut times) {
            timed(&mut times.forward, || engine.forward());
            if !options.forward {
                timed(&mut times.train, || engine.train());
            }
        }
    }
    if options.json {
        print_json(options, &problems, &times)
    } else {
        print_table(options, &problems, &times)
    }
    Ok(())
}

fn print_json(options: &Options, problems: &[Problem], times: &[Times]) {
    let one = |(p, t): (&Problem, &Times)| {
        let parameters = p.parameters.len();
        serde_json::json!({"name": p.name, "parameters": parameters, "operations": p.operations, "forward": t.forward, "train": t.train})
    };
    let networks: Vec<_> = problems.iter().zip(times).map(one).collect();
    println!("{}", serde_json::json!({"batch": options.batch, "threads": options.threads, "networks": networks}));
}

fn print_table(options: &Options, problems: &[Problem], times: &[Times]) {
    let Options { batch, threads, repeats, .. } = options;
    println!("{}; batch {batch}, {threads} threads, medians of {repeats}", device::processor());
    println!("{:<14} {:>10} {:>22} {:>22}", "network", "parameters", "forward", "training step");
    for (problem, times) in problems.iter().zip(times) {
        let cell = |times: &[f64]| {
            if times.is_empty() {
                return "-".to_string();
            }
            let middle = median(times);
            format!("{:.1} ms {:>6.0} samples/s", 1e3 * middle, *batch as f64 / middle)
        };
        let (forward, train) = (cell(&times.forward), cell(&times.train));
        println!("{:<14} {:>10} {forward:>22} {train:>22}", problem.name, problem.parameters.len());
    }
}

fn main() -> ExitCode {
    let done = Options::parse(std::env::args().skip(1)).map_err(|e| (2, e)).and_then(|o| run(&o).map_err(|e| (1, e)));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err((status, message)) => {
            eprintln!("error: {message}");
            ExitCode::from(status)
        }
    }
}
