//! The text of an expression into its tree. Signs may be half or full width, as people type them: `×`, `÷`, `≥`, `（`.

use rust_decimal::Decimal;

use super::{Comparison, Condition, Expression, Fold, Operation};

/// Brackets and signs may nest this deep.
const DEEPEST: usize = 50;

/// Parses an expression.
///
/// # Errors
/// What is wrong with it, in Chinese.
pub fn parse(text: &str) -> Result<Expression, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let expression = parser.sum()?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(format!("公式里多出“{}”", token.text())),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(Decimal),
    Name(String),
    Sign(&'static str),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Token::Number(number) => number.to_string(),
            Token::Name(name) => name.clone(),
            Token::Sign(sign) => (*sign).to_owned(),
        }
    }
}

/// Signs as they may be typed, longest first, and what they mean.
const SIGNS: [(&str, &str); 24] = [
    ("<=", "<="),
    (">=", ">="),
    ("<>", "<>"),
    ("!=", "<>"),
    ("==", "="),
    ("≤", "<="),
    ("≥", ">="),
    ("≠", "<>"),
    ("<", "<"),
    (">", ">"),
    ("=", "="),
    ("+", "+"),
    ("＋", "+"),
    ("-", "-"),
    ("－", "-"),
    ("*", "*"),
    ("×", "*"),
    ("/", "/"),
    ("÷", "/"),
    ("(", "("),
    ("（", "("),
    (")", ")"),
    ("）", ")"),
    (",", ","),
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(c) = rest.chars().next() {
        let length = |accept: fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
        let used = if c.is_ascii_digit() {
            let used = length(|c| c.is_ascii_digit() || c == '.');
            let number = rest[..used].parse().map_err(|_| format!("公式里的“{}”不是数", &rest[..used]))?;
            tokens.push(Token::Number(number));
            used
        } else if c.is_alphabetic() || c == '_' {
            let used = length(|c| c.is_alphanumeric() || c == '_');
            tokens.push(Token::Name(rest[..used].to_owned()));
            used
        } else if let Some(used) = rest.strip_prefix('，').map(|_| '，'.len_utf8()) {
            tokens.push(Token::Sign(","));
            used
        } else if let Some((typed, sign)) = SIGNS.iter().find(|(typed, _)| rest.starts_with(typed)) {
            tokens.push(Token::Sign(sign));
            typed.len()
        } else {
            return Err(format!("公式里不能用“{c}”"));
        };
        rest = rest[used..].trim_start();
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Takes one of some signs, if it comes next.
    fn take(&mut self, signs: &[&str]) -> Option<&'static str> {
        let Some(Token::Sign(sign)) = self.peek() else { return None };
        let sign = *sign;
        signs.contains(&sign).then(|| {
            self.at += 1;
            sign
        })
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        match self.take(&[sign]) {
            Some(_) => Ok(()),
            None => Err(match self.peek() {
                Some(token) => format!("公式里“{}”的前面应是“{sign}”", token.text()),
                None => format!("公式的末尾缺少“{sign}”"),
            }),
        }
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        while let Some(sign) = self.take(&["+", "-"]) {
            let operation = if sign == "+" { Operation::Add } else { Operation::Subtract };
            left = Expression::Binary(operation, Box::new(left), Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.factor()?;
        while let Some(sign) = self.take(&["*", "/"]) {
            let operation = if sign == "*" { Operation::Multiply } else { Operation::Divide };
            left = Expression::Binary(operation, Box::new(left), Box::new(self.factor()?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("公式的括号套得太深".to_owned());
        }
        let factor = if self.take(&["-"]).is_some() {
            Expression::Negate(Box::new(self.factor()?))
        } else if self.take(&["("]).is_some() {
            let inner = self.sum()?;
            self.expect(")")?;
            inner
        } else {
            match self.next() {
                Some(Token::Number(number)) => Expression::Number(number),
                Some(Token::Name(name)) if self.take(&["("]).is_some() => self.call(&name)?,
                Some(Token::Name(name)) => Expression::Name(name),
                Some(token) => return Err(format!("公式里“{}”的前面缺少数或名称", token.text())),
                None => return Err("公式没有写完".to_owned()),
            }
        };
        self.depth -= 1;
        Ok(factor)
    }

    /// A function's arguments, behind its opening bracket.
    fn call(&mut self, name: &str) -> Result<Expression, String> {
        let fold = match name {
            "sum" => Some(Fold::Sum),
            "min" => Some(Fold::Min),
            "max" => Some(Fold::Max),
            "average" => Some(Fold::Average),
            _ => None,
        };
        if let Some(fold) = fold {
            let mut all = vec![self.sum()?];
            while self.take(&[","]).is_some() {
                all.push(self.sum()?);
            }
            self.expect(")")?;
            return Ok(Expression::Fold(fold, all));
        }
        let made = match name {
            "abs" => Expression::Absolute(Box::new(self.sum()?)),
            "round" => {
                let inner = self.sum()?;
                self.expect(",")?;
                let places = match self.next() {
                    Some(Token::Number(places)) => u32::try_from(places).ok().filter(|&places| places <= 10),
                    _ => None,
                };
                Expression::Round(Box::new(inner), places.ok_or("round 的第二项应是 0 到 10 的整数")?)
            }
            "if" => {
                let left = self.sum()?;
                let comparison = match self.take(&["<=", ">=", "<>", "<", ">", "="]) {
                    Some("<=") => Comparison::AtMost,
                    Some(">=") => Comparison::AtLeast,
                    Some("<>") => Comparison::Unequal,
                    Some("<") => Comparison::Less,
                    Some(">") => Comparison::Greater,
                    Some(_) => Comparison::Equal,
                    None => return Err("if 的第一项应是比较，如 if(实际 >= 目标, …, …)".to_owned()),
                };
                let condition = Condition { left, comparison, right: self.sum()? };
                self.expect(",")?;
                let yes = self.sum()?;
                self.expect(",")?;
                Expression::If(Box::new(condition), Box::new(yes), Box::new(self.sum()?))
            }
            _ => {
                return Err(format!(
                    "公式里没有“{name}”这个函数，可用 sum、min、max、average、round、abs、if"
                ));
            }
        };
        self.expect(")")?;
        Ok(made)
    }
}
