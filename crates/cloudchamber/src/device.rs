//! Where the tensors live: the CPU (Burn's `flex`), or a GPU if this build has the cargo feature.

use burn::tensor::Device;

use crate::Error;

/// A device by its name on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum DeviceName {
    /// Processor
    #[default]
    Cpu,
    /// NVIDIA GPU (build with --features cuda)
    Cuda,
    /// Any GPU through Vulkan, Metal or DirectX (build with --features wgpu)
    Wgpu,
}

impl DeviceName {
    /// Burn's handle of the device; [`Error::NoDevice`] if this build has no support for it.
    pub fn open(self) -> Result<Device, Error> {
        match self {
            DeviceName::Cpu => Ok(Device::flex()),
            #[cfg(feature = "cuda")]
            DeviceName::Cuda => Ok(Device::cuda(0)),
            #[cfg(not(feature = "cuda"))]
            DeviceName::Cuda => Err(Error::NoDevice { device: "cuda" }),
            #[cfg(feature = "wgpu")]
            DeviceName::Wgpu => Ok(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice)),
            #[cfg(not(feature = "wgpu"))]
            DeviceName::Wgpu => Err(Error::NoDevice { device: "wgpu" }),
        }
    }
}

/// Limits the threads used from now on (0: all cores); call before the first parallel work.
pub fn limit_threads(threads: usize) -> Result<(), Error> {
    if threads == 0 {
        return Ok(());
    }
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().map_err(|e| {
        Error::argument("--threads", threads, format!("a number of threads that the system can start ({e})"))
    })
}

/// The processor's name and the number of threads, for training records and reports.
pub fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split(':').nth(1));
    let vectors =
        ["avx512f", "avx2"].into_iter().find(|flag| info.contains(flag)).map_or(String::new(), |f| format!(", {f}"));
    format!("{} ({} threads{vectors})", name.map_or(std::env::consts::ARCH, str::trim), rayon::current_num_threads())
}
