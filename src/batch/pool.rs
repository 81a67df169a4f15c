//! Work on plain threads with results in the order of the input. Each thread installs its own one-thread rayon pool
//! with a large stack: typst and krilla hand work to the current pool, and a shared one would nest whole documents
//! inside each other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use crate::diag::Failure;

/// Stack of a working thread; deep documents of typst need far more than the usual 2 MB.
pub(crate) const STACK: usize = 16 << 20;

/// Runs `work` on every number below `count` on `jobs` threads, and hands each result to `take` in the order of the
/// numbers, `advanced` being told of each one as it is finished. Ends early when `interrupt` is set; the first
/// failure ends it too and is returned.
///
/// # Errors
/// The first failure of `work`, or of starting a thread.
pub fn in_order<T: Send>(
    count: usize,
    jobs: usize,
    interrupt: &AtomicBool,
    work: impl Fn(usize) -> Result<T, Failure> + Sync,
    mut advanced: impl FnMut(usize),
    mut take: impl FnMut(usize, T),
) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let toil = |sender: &mpsc::Sender<(usize, Result<T, Failure>)>| {
        let pool = match rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK).build() {
            Ok(pool) => pool,
            Err(error) => {
                let _ = sender.send((usize::MAX, Err(cannot_start(&error.to_string()))));
                return;
            }
        };
        pool.install(|| {
            while !stop.load(Ordering::Relaxed) && !interrupt.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    break;
                }
                let result = work(index);
                if result.is_err() {
                    stop.store(true, Ordering::Relaxed);
                }
                if sender.send((index, result)).is_err() {
                    break;
                }
            }
        });
    };
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for number in 0..jobs.clamp(1, count.max(1)) {
            let sender = sender.clone();
            let toil = &toil;
            std::thread::Builder::new()
                .name(format!("jixiao-{number}"))
                .stack_size(STACK)
                .spawn_scoped(scope, move || toil(&sender))
                .map_err(|error| cannot_start(&error.to_string()))?;
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let (mut done, mut due, mut failure) = (0, 0, None);
        for (index, result) in receiver {
            match result {
                Ok(value) => {
                    done += 1;
                    advanced(done);
                    waiting.insert(index, value);
                }
                Err(first) => failure = failure.or(Some(first)),
            }
            while let Some(value) = waiting.remove(&due) {
                take(due, value);
                due += 1;
            }
        }
        // After an interruption or a failure some numbers never come.
        for (index, value) in waiting {
            take(index, value);
        }
        failure.map_or(Ok(()), Err)
    })
}

fn cannot_start(reason: &str) -> Failure {
    Failure::new(format!("无法启动工作线程（{reason}）"))
}
