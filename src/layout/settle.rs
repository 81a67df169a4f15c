//! Calculates the cells of a table that are defined by formulas. A formula may use any cell by its name, those below
//! and beside it too, so cells are settled in the order in which they need each other.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::formula::{Definition, Given};
use crate::calc::{Use, decimal, parse};
use crate::diag::DataPath;
use crate::grid::{Cell, Computed, Operand, Part, Source};

/// Calculates cells, each of which is known by its position.
///
/// # Errors
/// A name that no cell has, or that stands alone and means several cells; or formulas that need each other.
pub(super) fn settle(
    cells: &mut [Cell],
    names: &HashMap<String, Vec<usize>>,
    formulas: Vec<(usize, Definition)>,
    data: &[(DataPath, Option<Decimal>)],
) -> Result<(), String> {
    let order: Vec<usize> = formulas.iter().map(|(cell, _)| *cell).collect();
    let open = formulas.into_iter().map(|(cell, formula)| (cell, State::Open(formula))).collect();
    let mut work = Settler { cells, names, data, open };
    order.into_iter().try_for_each(|cell| work.cell(cell))
}

enum State {
    /// Not yet calculated.
    Open(Definition),
    /// Waiting for other cells.
    Begun,
}

struct Settler<'a> {
    cells: &'a mut [Cell],
    names: &'a HashMap<String, Vec<usize>>,
    data: &'a [(DataPath, Option<Decimal>)],
    open: HashMap<usize, State>,
}

impl Settler<'_> {
    fn cell(&mut self, at: usize) -> Result<(), String> {
        let definition = match self.open.insert(at, State::Begun) {
            Some(State::Open(definition)) => definition,
            Some(State::Begun) => {
                return Err(format!("第{}行的公式要用到它自己的结果", self.cells[at].row + 1));
            }
            None => {
                self.open.remove(&at);
                return Ok(());
            }
        };
        let mut computed = self.computed(&definition, self.cells[at].row)?;
        computed.calculate();
        let cell = &mut self.cells[at];
        cell.parts = vec![Part { text: computed.text(), path: None, source: None }];
        cell.computed = Some(Box::new(computed));
        self.open.remove(&at);
        Ok(())
    }

    fn computed(&mut self, definition: &Definition, row: usize) -> Result<Computed, String> {
        let formula = &definition.formula;
        let expression = parse(formula)?;
        let mut used: Vec<(String, Use)> = Vec::new();
        expression.names(&mut |name, used_as| used.push((name.to_owned(), used_as)));
        let mut operands: Vec<Operand> = Vec::new();
        for (name, used_as) in used {
            let known = operands.iter().position(|operand| operand.name == name);
            let operand = match known {
                Some(known) => operands.swap_remove(known),
                None => self.operand(name, &definition.with)?,
            };
            if used_as == Use::Alone && operand.sources.len() != 1 {
                let (name, count) = (&operand.name, operand.sources.len());
                return Err(match count {
                    0 => format!(
                        "第{}行的公式“{formula}”里，没有叫“{name}”的单元格，也没有给出 {name}=…",
                        row + 1
                    ),
                    _ => format!(
                        "第{}行的公式“{formula}”里，“{name}”有 {count} 个数，只能放在 sum、min、max、average 里",
                        row + 1
                    ),
                });
            }
            operands.push(operand);
        }
        Ok(Computed {
            formula: formula.clone(),
            expression,
            operands,
            places: definition.places,
            percent: definition.percent,
            trim: definition.trim,
            blank: definition.blank.clone(),
            result: None,
        })
    }

    fn operand(
        &mut self,
        name: String,
        with: &std::collections::BTreeMap<String, Vec<Given>>,
    ) -> Result<Operand, String> {
        let mut sources = Vec::new();
        match with.get(&name) {
            None => self.named(&name, &mut sources)?,
            Some(all) => {
                for given in all {
                    match given {
                        Given::Number(number) => {
                            let number = decimal(number).ok_or_else(|| format!("“{number}”不是十进制数"))?;
                            sources.push(Source::Constant(number));
                        }
                        Given::Cells(cells) => self.named(cells, &mut sources)?,
                        Given::Data(position) => {
                            let (path, number) =
                                self.data.get(*position).ok_or("公式引用了不存在的数据值")?;
                            sources.push(Source::Value(path.clone(), *number));
                        }
                    }
                }
            }
        }
        Ok(Operand { name, sources })
    }

    /// All cells of a name, calculated first where they have to be.
    fn named(&mut self, name: &str, sources: &mut Vec<Source>) -> Result<(), String> {
        let names = self.names;
        for &at in names.get(name).into_iter().flatten() {
            self.cell(at)?;
            let cell = &self.cells[at];
            let number = match &cell.computed {
                Some(computed) => computed.result,
                None => decimal(&cell.text()),
            };
            sources.push(Source::Cell(cell.row, cell.col, number));
        }
        Ok(())
    }
}
