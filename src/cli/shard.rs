//! Which share of a run this process has: from `--shard`, or from the scheduler that started it.

use jixiao::diag::Failure;
use jixiao::write::Shard;

/// How a scheduler tells a task its number and how many there are.
struct Scheduler {
    name: &'static str,
    index: &'static str,
    count: &'static str,
    /// Variables that must have a value where they are set at all: the numbers then run from 0 without gaps.
    fixed: &'static [(&'static str, &'static str)],
}

const SCHEDULERS: [Scheduler; 4] = [
    Scheduler {
        name: "Slurm",
        index: "SLURM_ARRAY_TASK_ID",
        count: "SLURM_ARRAY_TASK_COUNT",
        fixed: &[("SLURM_ARRAY_TASK_MIN", "0"), ("SLURM_ARRAY_TASK_STEP", "1")],
    },
    Scheduler { name: "Kubernetes", index: "JOB_COMPLETION_INDEX", count: "JOB_COMPLETIONS", fixed: &[] },
    Scheduler { name: "Cloud Run", index: "CLOUD_RUN_TASK_INDEX", count: "CLOUD_RUN_TASK_COUNT", fixed: &[] },
    Scheduler {
        name: "AWS Batch",
        index: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: "AWS_BATCH_JOB_ARRAY_SIZE",
        fixed: &[],
    },
];

/// The shard of this run; `variable` reads the environment.
///
/// # Errors
/// When the option or the environment names no shard, or two.
pub(crate) fn shard(
    option: Option<&str>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Shard>, Failure> {
    match option.map(str::trim) {
        Some("none") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|()| {
            Failure::new(format!("--shard 的值“{text}”不对"))
                .fix("写成 K/N，如 3/8：共 8 个分片，编号从 0 到 7；不分片时写 none。")
        }),
        None => of_environment(&|name| variable(name).filter(|value| !value.is_empty())),
    }
}

fn of_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Shard>, Failure> {
    let mut told: Option<(&Scheduler, Shard)> = None;
    for scheduler in &SCHEDULERS {
        let Some(shard) = scheduler.shard(variable)? else { continue };
        match told {
            Some((other, first)) if first != shard => {
                let message = format!(
                    "环境变量互相矛盾：{} 说是分片 {first}，{} 说是分片 {shard}",
                    other.name, scheduler.name
                );
                return Err(unclear(message));
            }
            _ => told = Some((scheduler, shard)),
        }
    }
    Ok(told.map(|(_, shard)| shard))
}

impl Scheduler {
    fn shard(&self, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Shard>, Failure> {
        let (index, count) = match (variable(self.index), variable(self.count)) {
            (None, None) => return Ok(None),
            (Some(index), Some(count)) => (index, count),
            (Some(_), None) => return Err(self.lacks(self.index, self.count)),
            (None, Some(_)) => return Err(self.lacks(self.count, self.index)),
        };
        for (name, wanted) in self.fixed {
            match variable(name) {
                Some(value) if value == *wanted => {}
                value => {
                    let value = value.unwrap_or_else(|| "没有设置".to_owned());
                    let message = format!(
                        "{} 的编号要从 0 起逐个加 1：环境变量 {name} 应是 {wanted}，现在是 {value}",
                        self.name
                    );
                    return Err(unclear(message));
                }
            }
        }
        let number = |name: &str, value: &str| {
            value.parse::<u32>().map_err(|_| unclear(format!("环境变量 {name} 的值“{value}”不是编号或数目")))
        };
        let (index, count) = (number(self.index, &index)?, number(self.count, &count)?);
        let shard = Shard::new(index, count).ok_or_else(|| {
            unclear(format!("环境变量 {}={index} 应小于 {}={count}", self.index, self.count))
        })?;
        Ok(Some(shard))
    }

    fn lacks(&self, there: &str, missing: &str) -> Failure {
        unclear(format!("{} 的环境变量不全：有 {there}，没有 {missing}", self.name))
    }
}

fn unclear(message: String) -> Failure {
    Failure::new(message).fix("请用 --shard K/N 说明是哪个分片；不分片时加 --shard none。")
}

#[cfg(test)]
mod tests {
    use super::shard;

    fn told(option: Option<&str>, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        shard(option, variable)
            .map(|shard| shard.map(|shard| shard.to_string()))
            .map_err(|failure| failure.message)
    }

    const SLURM: [(&str, &str); 4] = [
        ("SLURM_ARRAY_TASK_ID", "3"),
        ("SLURM_ARRAY_TASK_COUNT", "8"),
        ("SLURM_ARRAY_TASK_MIN", "0"),
        ("SLURM_ARRAY_TASK_STEP", "1"),
    ];

    fn slurm_but(name: &str, value: &str) -> Vec<(&'static str, String)> {
        let change = |(known, old): (&'static str, &str)| {
            (known, if known == name { value.to_owned() } else { old.to_owned() })
        };
        SLURM.into_iter().map(change).collect()
    }

    #[test]
    fn every_scheduler_tells_its_shard() {
        let three = Ok(Some("3/8".to_owned()));
        assert_eq!(told(None, &SLURM), three);
        assert_eq!(told(None, &[("JOB_COMPLETION_INDEX", "3"), ("JOB_COMPLETIONS", "8")]), three);
        assert_eq!(told(None, &[("CLOUD_RUN_TASK_INDEX", "3"), ("CLOUD_RUN_TASK_COUNT", "8")]), three);
        assert_eq!(
            told(None, &[("AWS_BATCH_JOB_ARRAY_INDEX", "3"), ("AWS_BATCH_JOB_ARRAY_SIZE", "8")]),
            three
        );
        assert_eq!(told(None, &[]), Ok(None));
        assert_eq!(told(None, &[("JOB_COMPLETIONS", "")]), Ok(None));
        assert_eq!(told(Some("1/2"), &SLURM), Ok(Some("1/2".to_owned())));
        assert_eq!(told(Some("none"), &SLURM), Ok(None));
    }

    #[test]
    fn an_environment_that_contradicts_itself_is_refused() {
        let refused = |variables: &[(&str, &str)], word: &str| {
            let message = told(None, variables).unwrap_err();
            assert!(message.contains(word), "{message}");
        };
        for (name, value) in [
            ("SLURM_ARRAY_TASK_MIN", "1"),
            ("SLURM_ARRAY_TASK_STEP", "2"),
            ("SLURM_ARRAY_TASK_MIN", ""),
            ("SLURM_ARRAY_TASK_ID", "8"),
            ("SLURM_ARRAY_TASK_ID", "drei"),
            ("SLURM_ARRAY_TASK_COUNT", "-8"),
            ("SLURM_ARRAY_TASK_COUNT", "0"),
            ("SLURM_ARRAY_TASK_COUNT", ""),
            ("SLURM_ARRAY_TASK_ID", ""),
        ] {
            let changed = slurm_but(name, value);
            let changed: Vec<(&str, &str)> =
                changed.iter().map(|(name, value)| (*name, value.as_str())).collect();
            refused(&changed, name);
        }
        refused(&[("JOB_COMPLETION_INDEX", "3")], "JOB_COMPLETIONS");
        let mut two = SLURM.to_vec();
        two.extend([("JOB_COMPLETION_INDEX", "2"), ("JOB_COMPLETIONS", "8")]);
        refused(&two, "矛盾");
        assert!(told(Some("8/8"), &[]).is_err() && told(Some("drei"), &[]).is_err());
    }
}
