//! Each stage alone, the bare compiler on the same grid beside ours, and whole documents. Every iteration gets a
//! document that differs from the one before, so that no cache answers for the work.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jixiao::batch::{Desk, DeskOptions, Format, Press};
use jixiao::grid::Grid;
use jixiao::load::Document;
use jixiao::{draw, load, measure, render};

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
            |(grid, measured)| black_box(press.pdf().render(&grid, &measured, 0).unwrap()),
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
                black_box(draw(&desk, Path::new("x.yaml"), different(number), &[format]).unwrap())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
