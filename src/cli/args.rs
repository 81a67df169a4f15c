//! The arguments, described to clap in Chinese, and clap's errors put into Chinese.

mod options;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};
use jixiao::diag::Failure;
pub(crate) use options::{Check, Collect, Diff, FormsAction, Import, Merge, New, Render, Rules};
use options::{DIFF_HELP, IMPORT_HELP};

const HELP: &str = "{about}\n\n用法：{usage}\n\n{all-args}{after-help}";

/// All arguments.
#[derive(Debug, Parser)]
#[command(
    name = "jixiao",
    version,
    about = "把结构化的项目数据排成可以直接报送的绩效表：PDF 和 Excel",
    after_help = "\n退出码：0 全部完成；1 有项目的数据不合要求；2 用法错误或机器故障；130 被中断\n\
                  示例：jixiao render data -o output",
    help_template = HELP,
    disable_help_subcommand = true,
    disable_help_flag = true,
    disable_version_flag = true,
    subcommand_help_heading = "命令",
    next_help_heading = "通用选项",
    override_usage = "jixiao <命令> [选项]",
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// 表式文件夹所在的目录，优先于内置表式
    #[arg(long, global = true, value_name = "目录")]
    pub(crate) templates: Option<PathBuf>,
    /// 配置文件（默认读取当前目录的 jixiao.toml）
    #[arg(long, global = true, value_name = "文件")]
    pub(crate) config: Option<PathBuf>,
    /// 显示帮助
    #[arg(short, long, global = true, action = ArgAction::Help)]
    pub(crate) help: Option<bool>,
    /// 显示版本
    #[arg(short = 'V', long, action = ArgAction::Version)]
    pub(crate) version: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// 渲染数据文件或整个文件夹
    #[command(help_template = HELP, next_help_heading = "选项", override_usage = "jixiao render [选项] [路径]…")]
    Render(Render),
    /// 检查数据：找出会被退回或被追问的问题
    #[command(help_template = HELP, next_help_heading = "选项", override_usage = "jixiao check [选项] [路径]…")]
    Check(Check),
    /// 列出一个表式的全部检查规则
    #[command(help_template = HELP, next_help_heading = "参数", override_usage = "jixiao rules <表式>")]
    Rules(Rules),
    /// 按部门汇总成合订本和汇总工作簿
    #[command(help_template = HELP, next_help_heading = "选项", override_usage = "jixiao collect [选项] [路径]…")]
    Collect(Collect),
    /// 合并各分片的清单，核对全部输出
    #[command(help_template = HELP, next_help_heading = "选项", override_usage = "jixiao merge <输出文件夹> [选项] [路径]…")]
    Merge(Merge),
    /// 把工作簿、附带数据的 PDF 和公布的表读成数据文件
    #[command(help_template = HELP, next_help_heading = "选项", override_usage = "jixiao import [选项] <文件>…",
        after_help = IMPORT_HELP)]
    Import(Import),
    /// 比较两个版本：金额、指标和文字改了什么
    #[command(
        help_template = HELP,
        next_help_heading = "选项",
        override_usage = "jixiao diff [选项] <旧> <新>",
        after_help = DIFF_HELP
    )]
    Diff(Diff),
    /// 列出全部表式；forms check 检查自己做的表式
    #[command(
        help_template = HELP,
        override_usage = "jixiao forms [选项]\n      jixiao forms check <文件夹>",
        subcommand_help_heading = "命令",
        disable_help_subcommand = true
    )]
    Forms {
        /// What to do other than list them.
        #[command(subcommand)]
        action: Option<FormsAction>,
    },
    /// 打印表式的 JSON Schema（供编辑器补全和检查）
    #[command(help_template = HELP, next_help_heading = "参数", override_usage = "jixiao schema <表式>")]
    Schema {
        /// 表式编号
        #[arg(value_name = "表式")]
        form: String,
    },
    /// 生成一份带说明的空白数据文件，或在 Excel 里填写的填报工作簿
    #[command(help_template = HELP, next_help_heading = "参数", override_usage = "jixiao new <表式> [-o 文件] [--xlsx [--spare 行数]]")]
    New(New),
}

/// What the user asked for.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// To do something.
    Run(Arguments),
    /// To read something.
    Help(String),
}

/// Reads the command line.
pub(crate) fn parse(arguments: &[OsString]) -> Result<Parsed, Failure> {
    let matches = match Arguments::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                    Ok(Parsed::Help(error.render().to_string()))
                }
                _ => Err(translate(&error)),
            };
        }
    };
    Arguments::from_arg_matches(&matches).map(Parsed::Run).map_err(|error| translate(&error))
}

fn translate(error: &clap::Error) -> Failure {
    let context = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => String::new(),
    };
    let argument = context(ContextKind::InvalidArg);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有“{argument}”这个选项"),
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", context(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "缺少命令".to_owned()
        }
        ErrorKind::MissingRequiredArgument => format!("缺少必填的参数：{argument}"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            format!("“{}”不能用作 {argument} 的值", context(ContextKind::InvalidValue))
        }
        ErrorKind::ArgumentConflict => format!("{argument} 不能重复，也不能与相冲突的选项一起用"),
        ErrorKind::NoEquals | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            format!("{argument} 后面的值不对")
        }
        ErrorKind::InvalidUtf8 => "参数不是合法的文字".to_owned(),
        _ => "命令行有误".to_owned(),
    };
    let original = error.render().to_string();
    let original = original.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let suggested = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .map(context)
        .into_iter()
        .find(|text| !text.is_empty());
    let fix = match suggested {
        Some(likely) => format!("是不是“{likely}”？"),
        None => "运行 jixiao --help 查看用法。".to_owned(),
    };
    Failure::new(format!("{message}（{original}）")).fix(fix)
}
