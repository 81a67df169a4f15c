//! What each command takes, described to clap in Chinese.

use std::path::PathBuf;

use clap::{Args, Subcommand};

pub(super) const DIFF_HELP: &str = "\n按含义比较，不按文字：269 与 269.00、≥6期 与 >=6期、全角与半角都算没有变动。\n\
    文件夹里的项目先按相对路径配对，再按项目名称（不计年份）配对，最后按名称相近配对。\n\
    退出码：0 比较完成；1 有数据无法读取，或加了 --exit-code 且有变动；2 用法错误或机器故障\n\
    示例：jixiao diff 2024/政风热线.yaml 2025/政风热线.yaml --xlsx 对照表.xlsx";

/// Arguments of `new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// 表式编号
    #[arg(value_name = "表式")]
    pub(crate) form: String,
    /// 写入的文件；不写则打印出来（填报工作簿必须写）
    #[arg(short, long, value_name = "文件")]
    pub(crate) output: Option<PathBuf>,
    /// 生成填报工作簿：在 Excel、WPS 里填写，再用 jixiao import 读回
    #[arg(long, requires = "output")]
    pub(crate) xlsx: bool,
    /// 填报工作簿的每个列表留多少空行（0 到 200）
    #[arg(
        long,
        value_name = "行数",
        requires = "xlsx",
        default_value_t = 5,
        hide_default_value = true,
        value_parser = clap::value_parser!(u16).range(..=200)
    )]
    pub(crate) spare: u16,
}

/// What `forms` can do other than list them.
#[derive(Debug, Subcommand)]
pub(crate) enum FormsAction {
    /// 检查一个表式的文件夹，或装着几个表式的文件夹，并试排其中的示例
    #[command(help_template = super::HELP, next_help_heading = "参数", override_usage = "jixiao forms check <文件夹>")]
    Check {
        /// 表式文件夹；示例是其中的 example.yaml 和 examples 里的文件
        #[arg(value_name = "文件夹")]
        folder: PathBuf,
    },
}

/// Arguments of `render`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub(crate) struct Render {
    /// 数据文件或文件夹（默认 data）
    #[arg(value_name = "路径")]
    pub(crate) paths: Vec<PathBuf>,
    /// 输出文件夹（默认 output）
    #[arg(short, long, value_name = "文件夹")]
    pub(crate) output: Option<PathBuf>,
    /// 输出格式，用逗号分隔：pdf,xlsx（默认两种都要）
    #[arg(long, value_name = "格式", value_delimiter = ',')]
    pub(crate) format: Vec<String>,
    /// 同时处理的项目数（默认等于处理器核数）
    #[arg(short, long, value_name = "数目")]
    pub(crate) jobs: Option<usize>,
    /// 全部重新渲染，并覆盖被人修改过的输出
    #[arg(long)]
    pub(crate) force: bool,
    /// 有错误级问题的项目不渲染
    #[arg(long)]
    pub(crate) strict: bool,
    /// 生成公开版：遮盖联系电话，文件名加“-公开”
    #[arg(long)]
    pub(crate) public: bool,
    /// 把数据文件放进 PDF（成为 PDF/A-3a），以后可以从 PDF 取回
    #[arg(long)]
    pub(crate) attach: bool,
    /// 在工作簿的单元格上用批注标出错误级问题
    #[arg(long)]
    pub(crate) annotate: bool,
    /// 删除数据文件已不存在的输出
    #[arg(long)]
    pub(crate) prune: bool,
    /// 只报告影响退出码的问题
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// 在标准输出打印 JSON Lines，每个项目一行
    #[arg(long)]
    pub(crate) json: bool,
    /// 增加一个字体文件夹（可重复）
    #[arg(long, value_name = "文件夹")]
    pub(crate) font_path: Vec<PathBuf>,
    /// 不使用系统字体，只用 --font-path 里的
    #[arg(long)]
    pub(crate) ignore_system_fonts: bool,
    /// 渲染之后再汇总：各部门的合订本和汇总工作簿
    #[arg(long)]
    pub(crate) collect: bool,
    /// 只渲染第 K 个分片（共 N 个，从 0 起），如 3/8；不写时看任务调度系统的环境变量，none 为不分片
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<String>,
}

/// Arguments of `merge`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// 各分片写入的输出文件夹
    #[arg(value_name = "输出文件夹")]
    pub(crate) output: PathBuf,
    /// 数据文件或文件夹（默认 data）：核对每个项目都有输出
    #[arg(value_name = "路径")]
    pub(crate) paths: Vec<PathBuf>,
    /// 合并之后再汇总：各部门的合订本和汇总工作簿
    #[arg(long)]
    pub(crate) collect: bool,
    /// 汇总时覆盖被人修改过的输出
    #[arg(long)]
    pub(crate) force: bool,
    /// 同时处理的项目数（默认等于处理器核数）
    #[arg(short, long, value_name = "数目")]
    pub(crate) jobs: Option<usize>,
    /// 只报告影响退出码的问题
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// 在标准输出打印 JSON Lines
    #[arg(long)]
    pub(crate) json: bool,
    /// 增加一个字体文件夹（可重复）
    #[arg(long, value_name = "文件夹")]
    pub(crate) font_path: Vec<PathBuf>,
    /// 不使用系统字体，只用 --font-path 里的
    #[arg(long)]
    pub(crate) ignore_system_fonts: bool,
}

/// Arguments of `collect`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub(crate) struct Collect {
    /// 数据文件或文件夹（默认 data）
    #[arg(value_name = "路径")]
    pub(crate) paths: Vec<PathBuf>,
    /// 输出文件夹（默认 output）
    #[arg(short, long, value_name = "文件夹")]
    pub(crate) output: Option<PathBuf>,
    /// 输出格式，用逗号分隔：pdf 合订本，xlsx 汇总工作簿，csv、json 平面数据（默认 pdf,xlsx）
    #[arg(long, value_name = "格式", value_delimiter = ',')]
    pub(crate) format: Vec<String>,
    /// 同时工作的线程数：1，或 2 以上（边读边排合订本）
    #[arg(short, long, value_name = "数目")]
    pub(crate) jobs: Option<usize>,
    /// 覆盖被人修改过的输出
    #[arg(long)]
    pub(crate) force: bool,
    /// 只报告影响退出码的问题
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// 在标准输出打印 JSON Lines，每个项目和每个文件一行
    #[arg(long)]
    pub(crate) json: bool,
    /// 增加一个字体文件夹（可重复）
    #[arg(long, value_name = "文件夹")]
    pub(crate) font_path: Vec<PathBuf>,
    /// 不使用系统字体，只用 --font-path 里的
    #[arg(long)]
    pub(crate) ignore_system_fonts: bool,
}

pub(super) const IMPORT_HELP: &str = "\
文件是什么类型由内容判断，与扩展名无关；一个文件里可以有几张表，属于哪种表式按标题和标签判断。
每张表写成 文件夹/部门/项目.yaml；同一次导入里重名的表加 -2、-3。表里的内容照原样保留，错字也不改。
放不进表里的内容写在文件末尾的“未识别”里，拆分、缺失等情况写成注释。
数据不符合表式要求（如金额空着）时文件照样写出，指出问题，退出码为 1。
示例：jixiao import 填报.xlsx 去年.txt 公布表.pdf -o data --department 某某厅";

/// Arguments of `import`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// 公布表的文本（列之间是制表符）
    #[arg(value_name = "文件", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// 数据文件夹（默认 data）
    #[arg(short, long, value_name = "文件夹")]
    pub(crate) output: Option<PathBuf>,
    /// 数据文件已经存在时整个覆盖
    #[arg(long, conflicts_with = "update")]
    pub(crate) force: bool,
    /// 数据文件已经存在时只更新有变化的值，注释和其他内容不动；表里空着的项保留原内容
    #[arg(long)]
    pub(crate) update: bool,
    /// 只按这个表式读
    #[arg(long, value_name = "表式")]
    pub(crate) form: Option<String>,
    /// 部门文件夹的名称（默认用表里的部门名称）
    #[arg(long, value_name = "名称")]
    pub(crate) department: Option<String>,
    /// 只报告影响退出码的问题
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// 在标准输出打印 JSON Lines，每张表一行
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// 数据文件或文件夹（默认 data）
    #[arg(value_name = "路径")]
    pub(crate) paths: Vec<PathBuf>,
    /// 输出方式：human（默认）、json（每个问题一行 JSON）、sarif
    #[arg(long, value_name = "方式")]
    pub(crate) format: Option<String>,
    /// 有这个级别及以上的问题时退出码为 1：error（默认）、warning、hint
    #[arg(long, value_name = "级别")]
    pub(crate) fail_on: Option<String>,
    /// 说明一条规则，如 IX-05
    #[arg(long, value_name = "规则")]
    pub(crate) explain: Option<String>,
    /// 自动修复只有一种改法的问题（先显示改动）
    #[arg(long)]
    pub(crate) fix: bool,
    /// 与 --fix 一起用：不询问，直接写入
    #[arg(long)]
    pub(crate) yes: bool,
    /// 只报告影响退出码的问题
    #[arg(short, long)]
    pub(crate) quiet: bool,
    /// 同时检查的项目数（默认等于处理器核数）
    #[arg(short, long, value_name = "数目")]
    pub(crate) jobs: Option<usize>,
}

/// Arguments of `diff`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// 旧版本：数据文件、工作簿、带数据的 PDF 或文件夹
    #[arg(value_name = "旧", display_order = 900)]
    pub(crate) old: PathBuf,
    /// 新版本：数据文件、工作簿、带数据的 PDF 或文件夹
    #[arg(value_name = "新", display_order = 901)]
    pub(crate) new: PathBuf,
    /// 输出方式：human（默认）、json（每个项目、每处变动一行 JSON）
    #[arg(long, value_name = "方式")]
    pub(crate) format: Option<String>,
    /// 另写一份 Excel 对照表，留有“调整理由”栏
    #[arg(long, value_name = "文件")]
    pub(crate) xlsx: Option<PathBuf>,
    /// 对照表已经存在时覆盖它（里面填写的理由会丢失）
    #[arg(long)]
    pub(crate) force: bool,
    /// 也列出只是写法不同的地方和没有变动的项目
    #[arg(long)]
    pub(crate) all: bool,
    /// 有变动时退出码为 1
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// 不打印小结
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Arguments of `rules`.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// 表式编号
    #[arg(value_name = "表式")]
    pub(crate) form: String,
}
