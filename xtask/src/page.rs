//! The tables of `docs/performance.md`, as they stand there.
//!
//! Comes in: the lines that runs of the bench print with `--json`. Goes out: two tables in Markdown, of the median of each
//! row: those with a goal, and those that stand beside them.

use std::fmt::Write as _;

/// How the rows of the hand-written binding begin.
const BY_HAND: &str = "hand-written: ";

/// A row in one run, or the median of several.
#[derive(Clone, Debug, Default, PartialEq)]
struct Row {
    name: String,
    /// Empty: the empty call.
    base: String,
    nanos: f64,
    ratio: f64,
    goal: Option<f64>,
    allocs: Option<f64>,
    allocs_goal: Option<f64>,
}

/// The tables of these runs, each a list of lines.
pub(crate) fn tables(runs: &[Vec<String>]) -> String {
    let rows = medians(runs);
    let hand = |name: &str| {
        let name = format!("{BY_HAND}{name}");
        rows.iter().find(|row| row.name == name)
    };
    let mut page = String::from(
        "| row | ns | ratio | goal | by hand | allocations (goal) | |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | --- |\n",
    );
    for row in rows.iter().filter(|row| row.goal.is_some()) {
        let by_hand = match hand(&row.name) {
            Some(hand) if row.base.is_empty() => format!("{:.2}", hand.ratio),
            _ => String::new(),
        };
        let _ = writeln!(
            page,
            "| {} | {:.0} | {:.2} | {} | {by_hand} | {} | {} |",
            row.name,
            row.nanos,
            row.ratio,
            row.goal.map(|goal| goal.to_string()).unwrap_or_default(),
            row.allocations(),
            row.remarks(),
        );
    }
    page.push_str("\n| beside them | ns | ratio | |\n| --- | ---: | ---: | --- |\n");
    for row in rows.iter().filter(|row| row.goal.is_none()) {
        let is_shown = row
            .name
            .strip_prefix(BY_HAND)
            .and_then(|name| rows.iter().find(|row| row.name == name))
            .is_some_and(|with_goal| with_goal.base.is_empty());
        if !is_shown {
            let (name, nanos, ratio) = (&row.name, row.nanos, row.ratio);
            let _ = writeln!(
                page,
                "| {name} | {nanos:.0} | {ratio:.2} | {} |",
                row.over()
            );
        }
    }
    page
}

impl Row {
    fn read(line: &str) -> Option<Self> {
        let number = |name| field(line, name).and_then(|value| value.parse().ok());
        Some(Self {
            name: field(line, "name")?,
            base: field(line, "base").unwrap_or_default(),
            nanos: number("ns")?,
            ratio: number("ratio")?,
            goal: number("goal"),
            allocs: number("allocs"),
            allocs_goal: number("allocs_goal"),
        })
    }

    fn allocations(&self) -> String {
        match (self.allocs, self.allocs_goal) {
            (Some(allocs), Some(goal)) => format!("{allocs} ({goal})"),
            _ => String::new(),
        }
    }

    fn over(&self) -> String {
        match self.base.strip_prefix(BY_HAND) {
            _ if self.base.is_empty() => String::new(),
            Some(name) if name == self.name => "over the hand-written one".to_owned(),
            _ => format!("over {}", self.base),
        }
    }

    fn remarks(&self) -> String {
        let above = |value: Option<f64>, goal: Option<f64>| value > goal && goal.is_some();
        let is_missed = above(Some(self.ratio), self.goal) || above(self.allocs, self.allocs_goal);
        let missed = if is_missed { "**missed**" } else { "" };
        let remarks = [self.over(), missed.to_owned()];
        let said = remarks.iter().filter(|remark| !remark.is_empty());
        said.cloned().collect::<Vec<_>>().join(", ")
    }
}

/// Each row of the first run, with the medians of all.
fn medians(runs: &[Vec<String>]) -> Vec<Row> {
    let runs = runs.iter();
    let runs: Vec<Vec<Row>> = runs
        .map(|lines| lines.iter().filter_map(|line| Row::read(line)).collect())
        .collect();
    let Some(first) = runs.first() else {
        return Vec::new();
    };
    let median = |name: &str, value: fn(&Row) -> f64| {
        let all = runs.iter().flatten().filter(|row| row.name == name);
        let mut values: Vec<f64> = all.map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let rows = first.iter().map(|row| Row {
        nanos: median(&row.name, |row| row.nanos),
        ratio: median(&row.name, |row| row.ratio),
        allocs: row
            .allocs
            .map(|_| median(&row.name, |row| row.allocs.unwrap_or_default())),
        ..row.clone()
    });
    rows.collect()
}

/// The value of a field of a flat object: a text without its quotes, or a number; nothing for null. Go writes `<`, `>` and
/// `&` by their numbers.
fn field(line: &str, name: &str) -> Option<String> {
    let start = line.split_once(&format!("\"{name}\":"))?.1.trim_start();
    let value = match start.strip_prefix('"') {
        Some(text) => text.split_once('"')?.0,
        None => start.split([',', '}']).next()?.trim(),
    };
    let plain = value
        .replace("\\u003c", "<")
        .replace("\\u003e", ">")
        .replace("\\u0026", "&");
    (value != "null").then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(ratio: f64) -> Vec<String> {
        vec![
            format!(
                r#"{{"name":"a -\u003e b","ratio":{ratio},"goal":2,"allocs":1,"allocs_goal":1,"ns":30.4,"goal_missed":false,"noisy":false}}"#
            ),
            r#"{"name":"hop","ratio":1.25,"goal":1.3,"allocs":0,"allocs_goal":1,"base":"hand-written: hop","ns":900}"#.to_owned(),
            r#"{"name":"hand-written: a -\u003e b","ratio":1.5,"goal":null,"allocs":0,"allocs_goal":null,"ns":20}"#.to_owned(),
            r#"{"name":"hand-written: hop","ratio":30,"goal":null,"allocs":0,"allocs_goal":null,"ns":800}"#.to_owned(),
            r#"{"allocs":null,"goal":null,"name":"gRPC","ns":70000.0,"ratio":2300.1,"base":"a -> b"}"#.to_owned(),
        ]
    }

    #[test]
    fn the_medians_of_three_runs_as_tables() {
        let page = tables(&[run(9.0), run(1.9), run(2.1)]);
        assert_eq!(
            page.lines().collect::<Vec<_>>(),
            [
                "| row | ns | ratio | goal | by hand | allocations (goal) | |",
                "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
                "| a -> b | 30 | 2.10 | 2 | 1.50 | 1 (1) | **missed** |",
                "| hop | 900 | 1.25 | 1.3 |  | 0 (1) | over the hand-written one |",
                "",
                "| beside them | ns | ratio | |",
                "| --- | ---: | ---: | --- |",
                "| hand-written: hop | 800 | 30.00 |  |",
                "| gRPC | 70000 | 2300.10 | over a -> b |",
            ]
        );
    }
}
