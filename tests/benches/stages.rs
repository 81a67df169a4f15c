//! Each stage alone, the bare compiler on the same grid beside ours, and whole documents. Every iteration gets a
//! document that differs from the one before, so that no cache answers for the work.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jixiao::batch::{Desk, DeskOptions, Format, Press};
use jixiao::grid::Grid;
use jixiao::load::Document;
use jixiao::{DrawOptions, draw, load, measure, render};
use typst::diag::FileResult;
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

const SAMPLE: &str = include_str!("../cases/plain/data.yaml");

/// The sample with another name, other texts and other values.
fn different(number: usize) -> String {
    SAMPLE
        .replace("农村饮水水质监测", &format!("农村饮水水质监测第{number}批"))
        .replace("监测点采样", &format!("第{number}号监测点采样"))
        .replace("1200", &format!("{}", 1200 + number % 700))
        .replace("周清", &format!("周清{number}"))
}

fn document(number: usize) -> Document {
    load::parse(Path::new("x.yaml"), different(number)).unwrap()
}

fn grid(press: &Press, number: usize) -> Grid {
    press.layouter().grid(&document(number)).unwrap()
}

/// The plainest world that can compile the same program and data.
struct Bare {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    program: Source,
    data: Bytes,
}

impl Bare {
    fn new(press: &Press, data: Vec<u8>) -> Bare {
        let fonts: Vec<Font> = press.faces().faces().iter().filter_map(|face| face.font()).collect();
        let path = RootedPath::new(VirtualRoot::Project, VirtualPath::new("table.typ").unwrap());
        let program = include_str!("../../src/render/pdf/table.typ").to_owned();
        let features = [Feature::A11yExtras].into_iter().collect();
        Bare {
            library: LazyHash::new(Library::builder().with_features(features).build()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            fonts,
            program: Source::new(path.intern(), program),
            data: Bytes::new(data),
        }
    }
}

impl World for Bare {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.book
    }

    fn main(&self) -> FileId {
        self.program.id()
    }

    fn source(&self, _: FileId) -> FileResult<Source> {
        Ok(self.program.clone())
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Ok(self.data.clone())
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn archival() -> PdfOptions {
    let day = Datetime::from_ymd_hms(2025, 1, 1, 0, 0, 0).unwrap();
    PdfOptions {
        standards: PdfStandards::new(&[PdfStandard::A_2a]).unwrap(),
        timestamp: Some(Timestamp::new_utc(day)),
        ..PdfOptions::default()
    }
}

fn stages(criterion: &mut Criterion) {
    let desk = Desk::new(DeskOptions::default());
    let press = desk.press(&document(0)).unwrap();
    let mut number = 0;
    let mut next = move || {
        number += 1;
        number
    };
    let mut group = criterion.benchmark_group("stage");
    group.throughput(Throughput::Elements(1));
    group.bench_function("load", |b| b.iter(|| black_box(document(next()))));
    group.bench_function("judge structure", |b| {
        b.iter_with_setup(|| document(1), |document| black_box(press.form().schema.judge(&document)));
    });
    group.bench_function("layout", |b| {
        let mut number = 0;
        b.iter_with_setup(
            || {
                number += 1;
                document(number)
            },
            |document| black_box(press.layouter().grid(&document).unwrap()),
        );
    });
    group.bench_function("measure", |b| {
        let grid = grid(&press, 1);
        b.iter(|| black_box(measure::measure(&grid, press.faces(), &grid.style.columns)));
    });
    let mut number = 0;
    group.bench_function("pdf", |b| {
        b.iter_with_setup(
            || {
                number += 1;
                let grid = grid(&press, number);
                let measured = measure::measure(&grid, press.faces(), &grid.style.columns);
                (grid, measured)
            },
            |(grid, measured)| black_box(press.pdf().render(&grid, &measured, 0, None).unwrap()),
        );
    });
    // What typst itself takes for the same pages: no line breaking, no pagination, nothing of ours.
    group.bench_function("pdf, bare typst", |b| {
        b.iter_with_setup(
            || {
                number += 1;
                let grid = grid(&press, number);
                let measured = measure::measure(&grid, press.faces(), &grid.style.columns);
                Bare::new(&press, press.pdf().drawing(&grid, &measured).unwrap().0)
            },
            |world| {
                let document = typst::compile::<PagedDocument>(&world).output.unwrap();
                black_box(typst_pdf::pdf(&document, &archival()).unwrap());
                typst::comemo::evict(0);
            },
        );
    });
    group.bench_function("workbook", |b| {
        b.iter_with_setup(
            || {
                number += 1;
                let grid = grid(&press, number);
                let measured =
                    measure::measure(&grid, press.faces(), &render::xlsx::measuring_columns(&grid.style));
                (grid, measured)
            },
            |(grid, measured)| black_box(render::xlsx::render(&grid, &measured, 0).unwrap()),
        );
    });
    group.finish();
    let mut group = criterion.benchmark_group("document");
    group.throughput(Throughput::Elements(1));
    for format in Format::ALL {
        group.bench_function(format.extension(), |b| {
            b.iter(|| {
                number += 1;
                black_box(
                    draw(
                        &desk,
                        Path::new("x.yaml"),
                        different(number),
                        &DrawOptions { formats: vec![format], ..DrawOptions::default() },
                    )
                    .unwrap(),
                )
            });
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
