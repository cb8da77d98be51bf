//! Compiles an expression: parses it, refuses what it may not use, and lets it count its cost.
//!
//! Everything that can be known without a value is refused here: unknown variables and functions, wrong numbers of
//! arguments, and results that are never true or false.

use super::budget::{ITEMS, METER};
use super::fault::Fault;
use super::functions::{Callable, FUNCTIONS, MACROS};
use super::pattern;
use crate::language::nearest;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators,
};
use cel::parser::Parser;

/// The longest expression, in bytes.
const LONGEST: usize = 2_000;

/// The deepest nesting of an expression.
const DEEPEST: usize = 64;

/// A compiled expression.
pub(super) struct Expression {
    pub(super) tree: IdedExpr,
    /// The fields of the subject that it mentions, in the order of the text.
    pub(super) fields: Vec<Vec<String>>,
}

/// Compiles an expression that may use these variables. The first one is the subject.
pub(super) fn compile(text: &str, variables: &[&str]) -> Result<Expression, Fault> {
    let text = text.trim();
    if text.len() > LONGEST {
        let message = format!("an expression has at most {LONGEST} bytes, and this one has more");
        return Err(Fault::new(message, "split the rule into several rules"));
    }
    if nesting(text) > DEEPEST {
        return Err(too_deep());
    }
    let tree = Parser::new().parse(text).map_err(|errors| {
        let first = errors.errors.into_iter().next();
        let (at, why) = first.map_or_else(Default::default, |error| (error.pos, error.msg));
        let why = why.lines().next().unwrap_or_default().to_owned();
        let message = format!("not a CEL expression: {why}, at line {}, column {}", at.0, at.1 + 1);
        Fault::new(message, "write an expression such as `site.database.mode == \"dedicated\"`")
    })?;
    let mut check = Check { variables: variables.to_vec(), loops: Vec::new(), fields: Vec::new() };
    check.expression(&tree, 0)?;
    let fields = check.fields;
    Ok(Expression { tree: metered(tree), fields })
}

/// Compiles an expression whose result must be true or false.
pub(super) fn condition(text: &str, variables: &[&str]) -> Result<Expression, Fault> {
    let compiled = compile(text, variables)?;
    match may_be_bool(&compiled.tree.expr) {
        true => Ok(compiled),
        false => Err(Fault::new(
            "the result of the expression is never true or false",
            "compare the value with another one, such as `… == \"dedicated\"` or `… > 0`",
        )),
    }
}

/// How deep the brackets and signs of a text may nest. The parser needs stack for each level, so it must not see more.
fn nesting(text: &str) -> usize {
    let (mut depth, mut deepest, mut signs) = (0_usize, 0, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        signs = if matches!(byte, b'!' | b'-') { signs + 1 } else { 0 };
        deepest = deepest.max(depth + signs);
    }
    deepest
}

fn too_deep() -> Fault {
    Fault::new(
        format!("the expression is nested deeper than {DEEPEST} levels"),
        "split the rule into several rules",
    )
}

struct Check<'a> {
    variables: Vec<&'a str>,
    /// The variables of the loops around the place.
    loops: Vec<String>,
    fields: Vec<Vec<String>>,
}

impl Check<'_> {
    fn expression(&mut self, tree: &IdedExpr, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        match &tree.expr {
            Expr::Literal(LiteralValue::Bytes(_) | LiteralValue::UInt(_)) => Err(Fault::new(
                "bytes and unsigned numbers are not supported",
                "write a text or a whole number",
            )),
            Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => {
                self.mention(&tree.expr);
                self.expression(&select.operand, depth + 1)
            }
            Expr::Call(call) => self.call(call, depth),
            Expr::List(list) => {
                list.elements.iter().try_for_each(|item| self.expression(item, depth + 1))
            }
            Expr::Map(map) => map.entries.iter().try_for_each(|entry| match &entry.expr {
                EntryExpr::MapEntry(entry) => {
                    self.expression(&entry.key, depth + 1)?;
                    self.expression(&entry.value, depth + 1)
                }
                EntryExpr::StructField(_) => Err(unsupported()),
            }),
            Expr::Comprehension(all) => self.comprehension(all, depth),
            Expr::Struct(_) | Expr::Unspecified => Err(unsupported()),
        }
    }

    fn variable(&self, name: &str) -> Result<(), Fault> {
        let name = name.strip_prefix('.').unwrap_or(name);
        let is_known = name.starts_with('@')
            || self.variables.contains(&name)
            || self.loops.iter().any(|known| known == name);
        if is_known {
            return Ok(());
        }
        let known: Vec<&str> =
            self.variables.iter().copied().chain(self.loops.iter().map(String::as_str)).collect();
        Err(Fault::new(format!("there is no variable `{name}`"), suggestion(name, &known)))
    }

    /// Notes the field of the subject that a chain of selections spells.
    fn mention(&mut self, mut expr: &Expr) {
        let mut keys = Vec::new();
        while let Expr::Select(select) = expr {
            keys.push(select.field.clone());
            expr = &select.operand.expr;
        }
        keys.reverse();
        let is_subject =
            matches!(expr, Expr::Ident(name) if self.variables.first() == Some(&name.as_str()));
        if is_subject && !self.fields.iter().any(|known| known.starts_with(&keys)) {
            self.fields.push(keys);
        }
    }

    fn call(&mut self, call: &CallExpr, depth: usize) -> Result<(), Fault> {
        let name = call.func_name.as_str();
        let is_operator = name.contains('_')
            && name.contains(|c: char| !c.is_alphanumeric() && c != '_')
            || name.starts_with('@')
            || matches!(name, operators::LOGICAL_NOT | operators::NEGATE);
        if !is_operator {
            called(call)?;
        }
        let parts = call.target.iter().map(|target| &**target).chain(&call.args);
        for part in parts {
            self.expression(part, depth + 1)?;
        }
        Ok(())
    }

    fn comprehension(&mut self, all: &ComprehensionExpr, depth: usize) -> Result<(), Fault> {
        let known = self.variables.iter().copied().chain(self.loops.iter().map(String::as_str));
        if known.clone().any(|known| known == all.iter_var) {
            let message = format!("the loop's variable `{}` hides another variable", all.iter_var);
            return Err(Fault::new(message, "give the variable of the loop another name"));
        }
        self.expression(&all.iter_range, depth + 1)?;
        self.loops.push(all.iter_var.clone());
        for part in [&all.accu_init, &all.loop_cond, &all.loop_step, &all.result] {
            self.expression(part, depth + 1)?;
        }
        self.loops.pop();
        Ok(())
    }
}

fn unsupported() -> Fault {
    Fault::new("this form of expression is not supported", "use maps, lists, texts and numbers")
}

/// Checks the name and the arguments of a call that is no operator.
fn called(call: &CallExpr) -> Result<(), Fault> {
    let (name, is_member) = (call.func_name.as_str(), call.target.is_some());
    let fits = |it: &&Callable| it.name == name && it.is_member == is_member;
    let Some(first) = FUNCTIONS.iter().find(fits) else {
        let known: Vec<&str> = FUNCTIONS.iter().map(|it| it.name).chain(MACROS).collect();
        return match known.contains(&name) {
            true => Err(Fault::new(
                format!("`{name}` is not called this way"),
                "functions such as `size(list)` take the value as an argument; functions such as \
                 `text.contains(\"x\")` and `list.all(item, item > 0)` follow the value",
            )),
            false => {
                Err(Fault::new(format!("there is no function `{name}`"), suggestion(name, &known)))
            }
        };
    };
    // `join` may do without its separator.
    let is_short = name == "join" && call.args.is_empty();
    if call.args.len() != first.arguments && !is_short {
        let message =
            format!("`{name}` takes {} arguments, not {}", first.arguments, call.args.len());
        return Err(Fault::new(message, "write as many as it takes"));
    }
    // The separator comes into the text once for each item.
    if name == "join" && call.args.iter().any(|it| !matches!(it.expr, Expr::Literal(_))) {
        return Err(Fault::new(
            "the separator of `join` must be a quoted text",
            "write `.join(\", \")`",
        ));
    }
    // A pattern of the definition's own could be invalid for one definition only.
    if name == "matches" {
        return match call.args.first().map(|it| &it.expr) {
            Some(Expr::Literal(LiteralValue::String(text))) => pattern::check(text.inner()),
            _ => Err(Fault::new(
                "the pattern of `matches` must be a quoted text",
                "write `.matches(\"^c[0-9]{4}-\")`",
            )),
        };
    }
    Ok(())
}

fn suggestion(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known are {}", known.join(", ")),
    }
}

/// Whether the result may be true or false, as far as that is known without values.
fn may_be_bool(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(literal) => matches!(literal, LiteralValue::Boolean(_)),
        Expr::List(_) | Expr::Map(_) => false,
        Expr::Comprehension(all) => !matches!(all.accu_init.expr, Expr::List(_)),
        Expr::Call(call) => match call.func_name.as_str() {
            operators::ADD
            | operators::SUBSTRACT
            | operators::MULTIPLY
            | operators::DIVIDE
            | operators::MODULO
            | operators::NEGATE => false,
            name => {
                let is_member = call.target.is_some();
                let found =
                    FUNCTIONS.iter().find(|it| it.name == name && it.is_member == is_member);
                found.is_none_or(|it| it.is_bool)
            }
        },
        _ => true,
    }
}

/// The expression with calls that count its cost.
fn metered(mut tree: IdedExpr) -> IdedExpr {
    tree.expr = match tree.expr {
        Expr::Call(mut call) => {
            let is_lazy = matches!(
                call.func_name.as_str(),
                operators::LOGICAL_AND
                    | operators::LOGICAL_OR
                    | operators::LOGICAL_NOT
                    | operators::CONDITIONAL
                    | operators::NOT_STRICTLY_FALSE
            );
            let counts = |tree| if is_lazy { metered(tree) } else { counted(tree) };
            // An index reads one item, so what it is an index of costs nothing.
            let reads_one = call.func_name == operators::INDEX;
            let args = std::mem::take(&mut call.args).into_iter().enumerate();
            call.args = args
                .map(|(at, arg)| if reads_one && at == 0 { metered(arg) } else { counts(arg) })
                .collect();
            call.target = call.target.map(|target| Box::new(counts(*target)));
            Expr::Call(call)
        }
        Expr::Select(mut select) => {
            select.operand = Box::new(metered(*select.operand));
            Expr::Select(select)
        }
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(counted).collect();
            Expr::List(list)
        }
        Expr::Map(mut map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    entry.key = counted(std::mem::take(&mut entry.key));
                    entry.value = counted(std::mem::take(&mut entry.value));
                }
            }
            Expr::Map(map)
        }
        Expr::Comprehension(mut all) => {
            all.iter_range = wrapped(ITEMS, metered(all.iter_range));
            // The parser's own parts, such as the condition of the loop, cost no more than its body.
            all.loop_step = metered(all.loop_step);
            Expr::Comprehension(all)
        }
        other => other,
    };
    tree
}

/// An expression whose value is counted. The values of literals are as short as the text, and the parser's own
/// variables (`@result`) grow by what was counted before.
fn counted(tree: IdedExpr) -> IdedExpr {
    let is_free = match &tree.expr {
        Expr::Literal(_) | Expr::List(_) | Expr::Map(_) => true,
        Expr::Ident(name) => name.starts_with('@'),
        _ => false,
    };
    let tree = metered(tree);
    if is_free { tree } else { wrapped(METER, tree) }
}

fn wrapped(function: &str, tree: IdedExpr) -> IdedExpr {
    let call = CallExpr { func_name: function.to_owned(), target: None, args: vec![tree] };
    IdedExpr { id: 0, expr: Expr::Call(call) }
}
