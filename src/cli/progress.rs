//! Progress of long work: a bar on a terminal, a plain line every few seconds elsewhere, nothing when quiet.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jixiao::batch::Interrupt;
use jixiao::diag::Failure;

use super::show;

/// Seconds between two plain progress lines.
const PLAIN_INTERVAL: Duration = Duration::from_secs(5);

/// How far the work is.
pub(crate) struct Progress {
    quiet: bool,
    total: usize,
    bar: Option<ProgressBar>,
    begun: Instant,
    spoken: Instant,
}

impl Progress {
    #[expect(clippy::disallowed_methods, reason = "progress shows the rate; no output depends on it")]
    pub(crate) fn new(quiet: bool, total: usize) -> Progress {
        let terminal = std::io::stderr().is_terminal() && !quiet;
        let bar = terminal.then(|| {
            let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  每秒 {per_sec}  剩余 {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        let now = Instant::now();
        Progress { quiet, total, bar, begun: now, spoken: now }
    }

    /// Prints something without disturbing the bar.
    pub(crate) fn say(&self, text: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(text),
            None => text(),
        }
    }

    /// Seconds since the beginning.
    pub(crate) fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    #[expect(clippy::disallowed_methods, reason = "progress shows the rate; no output depends on it")]
    pub(crate) fn advance(&mut self, done: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position(done as u64);
        } else if !self.quiet && self.spoken.elapsed() >= PLAIN_INTERVAL {
            self.spoken = Instant::now();
            let (total, rate) = (self.total, done as f64 / self.seconds());
            let left = (total - done) as f64 / rate;
            let percent = done * 100 / total.max(1);
            show::note(&format!("已完成 {done}/{total}（{percent}%），每秒 {rate:.0} 个，约剩 {left:.0} 秒"));
        }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// The first Ctrl-C ends the run after the projects in hand; a second one ends it at once, which is safe too.
#[expect(clippy::exit, clippy::disallowed_methods, reason = "the second Ctrl-C does not wait for any thread")]
pub(crate) fn interrupt() -> Result<Interrupt, Failure> {
    let interrupt = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupt);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
        show::note("正在停止：手头的项目做完就结束（再按一次立即退出）……");
    })
    .map_err(|error| Failure::new(format!("无法响应 Ctrl-C（{error}）")))?;
    Ok(interrupt)
}

/// The number of projects at once.
pub(crate) fn jobs(asked: Option<usize>) -> Result<usize, Failure> {
    match asked {
        Some(0) => Err(Failure::new("--jobs 至少是 1").fix("不写 --jobs 时按处理器核数。")),
        Some(jobs) => Ok(jobs),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
    }
}
