//! The results, as `bench/go` prints its own.
//!
//! Comes in: measured rows. Goes out: a table, or one JSON object per row.

use serde_json::json;

/// A measured row.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    /// The row that the ratio refers to, where it is not the empty call.
    pub(crate) base: Option<&'static str>,
    pub(crate) nanos: f64,
    pub(crate) ratio: f64,
    pub(crate) goal: Option<f64>,
    /// Of what the ratio refers to.
    pub(crate) noisy: bool,
}

impl Measured {
    fn is_missed(&self) -> bool {
        self.goal.is_some_and(|goal| self.ratio > goal)
    }
}

/// One object per row. What a call allocates is not counted here.
pub(crate) fn json(rows: &[Measured]) {
    for row in rows {
        let mut line = json!({
            "name": row.name,
            "ratio": round(row.ratio),
            "goal": row.goal,
            "allocs": null,
            "allocs_goal": null,
            "ns": round(row.nanos),
            "goal_missed": row.is_missed(),
            "noisy": row.noisy,
        });
        if let Some(base) = row.base {
            line["base"] = base.into();
        }
        println!("{line}");
    }
}

/// Three decimals.
fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// A line per row.
pub(crate) fn table(rows: &[Measured]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    println!(
        "{:width$}  {:>9}  {:>7}  {:>5}",
        "row", "ns", "ratio", "goal"
    );
    for row in rows {
        let goal = row.goal.map_or_else(String::new, |goal| goal.to_string());
        let mut remarks = Vec::new();
        remarks.extend(row.base.map(|base| format!("over {base}")));
        remarks.extend(row.is_missed().then(|| "goal missed".to_owned()));
        remarks.extend(row.noisy.then(|| "noisy".to_owned()));
        let remarks = remarks.join(", ");
        let line = format!(
            "{:width$}  {:>9.1}  {:>7.2}  {goal:>5}  {remarks}",
            row.name, row.nanos, row.ratio
        );
        println!("{}", line.trim_end());
    }
}
