//! Tests of the whole product: the library on case folders, the real binary on files, and other people's tools on
//! what it writes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "tests wait for processes")]
#![expect(
    clippy::case_sensitive_file_extension_comparisons,
    clippy::format_push_string,
    clippy::format_collect,
    reason = "tests make small texts and know the names that they look for"
)]

mod support;

/// PDFs that carry their data, and the data read back from them.
mod attach;
/// Broken data and broken machines: message, place, exit code.
mod bad_input;
/// Many projects: mirroring, skipping, clashes, jobs, interruption.
mod batch;
/// Case folders with golden grids and golden messages.
mod cases;
/// The command `check`: exit codes, formats, settings, waivers, repair.
mod check;
/// `collect`: volumes of departments, workbooks, flat data.
mod collect;
/// `diff`: changes by meaning, pairs of projects, JSON Lines, the workbook.
mod diff;
/// What any form can do: headers, groups, calculated cells, dates, feet, and what its author is told.
mod engine;
/// Every form of the program by its example.
mod family;
/// `new --xlsx`: workbooks that people fill a form in.
mod fill;
/// `forms`, `schema`, `new`, `--templates`.
mod forms;
/// Workbooks read back into data.
mod import_books;
/// Files that an importer must survive.
mod import_hostile;
/// Published tables as text: reading, writing, the command `import`.
mod import_text;
/// Text that looks like code comes out as text.
mod injection;
/// Modules use only what stands above them.
mod layers;
/// The five published tables, read back by pdfplumber, openpyxl, qpdf, a PDF/A validator and LibreOffice.
mod published;
/// The commands of the README.
mod readme;
/// Every rule against its breaches and near misses.
mod rules;
/// Shards, their merge, and the manifest that any number of projects fit into.
mod scale;
/// The scripts of `docs/deploy` on a real Slurm, and the jobs of Kubernetes.
mod slurm;
/// Sound tables from vocabulary and a seed.
mod sound;
/// What the checker says of sound tables and of the published ones.
mod whole;
