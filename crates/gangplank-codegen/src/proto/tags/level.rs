//! What a comment's tags are about: the file, a service or an rpc.

use std::fmt;

use super::super::scan::{Comment, Scan, Span};

/// File < service < rpc.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    File,
    Service(String),
    /// Service and rpc.
    Rpc(String, String),
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Level::File => f.write_str("the file"),
            Level::Service(service) => write!(f, "the service `{service}`"),
            Level::Rpc(service, rpc) => write!(f, "the rpc `{service}.{rpc}`"),
        }
    }
}

/// A comment behind code is about what begins on its line; one of its own about what begins on the next line of code,
/// with no blank line between; every other about what it stands in.
pub(super) fn level(source: &str, scan: &Scan, comment: &Comment) -> Level {
    let inside = innermost(scan, comment);
    let start = comment.range.start;
    let on_line = |at: &usize| !source[..start][*at..].contains('\n');
    let near = if scan.code_before(start).as_ref().is_some_and(on_line) {
        // The last that begins before the comment.
        let spans = scan.spans.iter().rev();
        spans
            .skip_while(|span| span.range.start >= start)
            .find(|span| on_line(&span.range.start))
    } else {
        let next = scan.code_after(comment.range.end);
        let next = next.filter(|next| !has_blank_line(&source[comment.range.end..*next]));
        next.and_then(|next| scan.spans.iter().find(|span| span.range.start == next))
    };
    // What is near may be inside the rpc's own body only as a part of it.
    match (inside, near) {
        (Some(inside), _) if inside.rpc.is_some() => of(inside),
        (_, Some(near)) => of(near),
        (Some(inside), None) => of(inside),
        (None, None) => Level::File,
    }
}

fn innermost<'s>(scan: &'s Scan, comment: &Comment) -> Option<&'s Span> {
    let around = |span: &&Span| {
        span.range.start < comment.range.start && comment.range.end <= span.range.end
    };
    // Inner spans begin later.
    scan.spans.iter().rev().find(around)
}

fn has_blank_line(between: &str) -> bool {
    let mut lines = between.split('\n');
    lines.next();
    // The last is the beginning of the line of code.
    let mut lines = lines.rev().skip(1);
    lines.any(|line| line.trim().is_empty())
}

fn of(span: &Span) -> Level {
    match &span.rpc {
        None => Level::Service(span.service.clone()),
        Some(rpc) => Level::Rpc(span.service.clone(), rpc.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::scan::scan;
    use super::*;

    #[test]
    fn each_place_has_its_level() {
        let source = "\
// file
syntax = \"proto3\"; // file

// file

// service S
// service S
service S { // service S
  // rpc S.a
  rpc a(A) returns (B); // rpc S.a
  option x = 1; // service S
  // service S

  // rpc S.b
  /* rpc S.b
     rpc S.b */
  rpc b(A) returns (B) { // rpc S.b
    // rpc S.b
    option y = 1; // rpc S.b
    // rpc S.b
  } // service S
  // service S
} // file
// service T
service T { rpc a(A) returns (B); /* rpc T.a */ /* rpc T.a */ }
/* service U */ service U { /* service U */ rpc a(A) returns (B); }
message M { // file
} // file
";
        let scan = scan(source);
        for comment in &scan.comments {
            let text = &source[comment.range.clone()];
            let expected = text
                .trim_matches(['/', '*', ' '])
                .lines()
                .next()
                .unwrap()
                .trim();
            let level = match level(source, &scan, comment) {
                Level::File => "file".to_owned(),
                Level::Service(service) => format!("service {service}"),
                Level::Rpc(service, rpc) => format!("rpc {service}.{rpc}"),
            };
            let line = source[..comment.range.start].lines().count();
            assert_eq!(level, expected, "line {line}: {text}");
        }
    }
}
