//! Comments of a `.proto` file, and where its services and rpcs begin and end.
//!
//! Comes in: source text, correct or not. Goes out: every comment with its place, and the spans of services and rpcs,
//! in octets. Source info is no help here: compilers attach comments to declarations in ways of their own, and lose
//! those at the end of a body and in services on one line.

use std::ops::Range;

/// Deepest nesting of brackets.
pub(super) const MAX_NESTED: usize = 100;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) comments: Vec<Comment>,
    /// Services and rpcs in order of their beginnings.
    pub(super) spans: Vec<Span>,
    /// The paths of imports, each with its place, quotes included.
    pub(super) imports: Vec<(String, usize)>,
    /// The first word of the file that is no comment, with its place.
    pub(super) first_word: Option<Range<usize>>,
    /// The first bracket that is nested deeper than anybody writes, and than parsers bear.
    pub(super) too_deep: Option<usize>,
    /// Where each piece of code begins, in order.
    code: Vec<usize>,
}

/// A comment with its slashes.
#[derive(Debug)]
pub(super) struct Comment {
    pub(super) range: Range<usize>,
}

/// A service, or an rpc of one.
#[derive(Debug)]
pub(super) struct Span {
    pub(super) service: String,
    pub(super) rpc: Option<String>,
    pub(super) range: Range<usize>,
}

impl Scan {
    /// The first piece of code from `at` on.
    pub(super) fn code_after(&self, at: usize) -> Option<usize> {
        let index = self.code.partition_point(|start| *start < at);
        self.code.get(index).copied()
    }

    /// The last piece of code that begins before `at`.
    pub(super) fn code_before(&self, at: usize) -> Option<usize> {
        let index = self.code.partition_point(|start| *start < at);
        self.code.get(index.checked_sub(1)?).copied()
    }
}

/// Scans a file.
pub(super) fn scan(source: &str) -> Scan {
    let mut scanner = Scanner {
        source,
        scan: Scan::default(),
        depth: 0,
        nested: 0,
        statement: Statement::Start,
        open: Vec::new(),
    };
    scanner.run();
    scanner.scan
}

/// How far the statement that is being read has got.
enum Statement {
    Start,
    /// `service` or `rpc`, which began here; its name comes next.
    Named(usize),
    /// `import`, also with a word behind it.
    Import,
    Other,
}

struct Scanner<'a> {
    source: &'a str,
    scan: Scan,
    /// Of braces.
    depth: usize,
    /// Of brackets of any kind.
    nested: usize,
    statement: Statement,
    /// Spans without an end yet, with the depth at which they began.
    open: Vec<(usize, usize)>,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let bytes = self.source.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let rest = &bytes[at..];
            let end = match byte {
                b'/' if rest.starts_with(b"//") => at + line_len(rest),
                b'/' if rest.starts_with(b"/*") => at + block_len(rest),
                b'"' | b'\'' => at + string_len(rest),
                byte if is_word(*byte) => {
                    at + rest.iter().take_while(|byte| is_word(**byte)).count()
                }
                _ => at + 1,
            };
            match byte {
                b'/' if end > at + 1 => self.scan.comments.push(Comment { range: at..end }),
                byte if byte.is_ascii_whitespace() => {}
                _ => self.token(at..end),
            }
            at = end;
        }
        for (span, _) in self.open.drain(..) {
            self.scan.spans[span].range.end = bytes.len();
        }
    }

    fn token(&mut self, range: Range<usize>) {
        self.scan.code.push(range.start);
        self.nest(range.start);
        match self.source.as_bytes()[range.start] {
            b'{' => {
                self.depth += 1;
                self.statement = Statement::Start;
            }
            b'}' => {
                self.depth = self.depth.saturating_sub(1);
                self.end(range.end);
            }
            b';' => self.end(range.end),
            b'"' | b'\'' => self.string(range),
            byte if is_word(byte) => self.word(range),
            _ => self.statement = Statement::Other,
        }
    }

    fn nest(&mut self, at: usize) {
        match self.source.as_bytes()[at] {
            b'{' | b'[' | b'(' | b'<' => self.nested += 1,
            b'}' | b']' | b')' | b'>' => self.nested = self.nested.saturating_sub(1),
            _ => {}
        }
        if self.nested > MAX_NESTED {
            self.scan.too_deep.get_or_insert(at);
        }
    }

    fn word(&mut self, range: Range<usize>) {
        let word = self.source.get(range.clone()).unwrap_or_default();
        self.scan.first_word.get_or_insert_with(|| range.clone());
        self.statement = match self.statement {
            Statement::Start if self.depth == 0 && word == "service" => {
                Statement::Named(range.start)
            }
            Statement::Start if self.depth == 1 && self.in_service() && word == "rpc" => {
                Statement::Named(range.start)
            }
            Statement::Start if self.depth == 0 && word == "import" => Statement::Import,
            Statement::Import => Statement::Import,
            Statement::Named(start) => {
                self.begin(start, word);
                Statement::Other
            }
            _ => Statement::Other,
        };
    }

    fn string(&mut self, range: Range<usize>) {
        if matches!(self.statement, Statement::Import) {
            let text = self.source.get(range.clone()).unwrap_or_default();
            let path = text.trim_matches(['"', '\'']).replace("\\\\", "\\");
            self.scan.imports.push((path, range.start));
        }
        self.statement = Statement::Other;
    }

    fn in_service(&self) -> bool {
        matches!(self.open.last(), Some((_, 0)))
    }

    fn begin(&mut self, start: usize, name: &str) {
        let outer = self
            .open
            .last()
            .map(|(span, _)| self.scan.spans[*span].service.clone());
        let (service, rpc) = match outer {
            None => (name.to_owned(), None),
            Some(service) => (service, Some(name.to_owned())),
        };
        self.open.push((self.scan.spans.len(), self.depth));
        self.scan.spans.push(Span {
            service,
            rpc,
            range: start..start,
        });
    }

    /// The end of a statement: of the innermost span, when that began at this depth.
    fn end(&mut self, at: usize) {
        self.statement = Statement::Start;
        if let Some((span, depth)) = self.open.last()
            && *depth == self.depth
        {
            self.scan.spans[*span].range.end = at;
            self.open.pop();
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn line_len(rest: &[u8]) -> usize {
    let end = rest.iter().position(|byte| *byte == b'\n');
    end.unwrap_or(rest.len())
}

fn block_len(rest: &[u8]) -> usize {
    let inside = rest.get(2..).unwrap_or_default();
    let end = inside.windows(2).position(|pair| pair == b"*/");
    end.map_or(rest.len(), |end| end + 4)
}

/// A string ends at its quote; one without a quote at the end of the line.
fn string_len(rest: &[u8]) -> usize {
    let quote = rest[0];
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' => return at,
            byte if *byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(source: &str) -> Vec<(String, &str)> {
        let spans = scan(source).spans.into_iter();
        spans
            .map(|span| {
                let rpc = span.rpc.map(|rpc| format!(".{rpc}")).unwrap_or_default();
                (format!("{}{rpc}", span.service), &source[span.range])
            })
            .collect()
    }

    #[test]
    fn services_and_rpcs_have_spans() {
        let rpc = "rpc a(A) returns (B);";
        let body = "rpc b (A) returns (stream B) { option (x) = { y: \"}\" }; }";
        let service = format!("service S {{ option (o) = {{ rpc: 1 }}; {rpc} {body} }}");
        let source =
            format!("message M {{ string rpc = 1; string service = 2; }} {service} service T {{}}");
        assert_eq!(
            spans(&source),
            [
                ("S".to_owned(), service.as_str()),
                ("S.a".to_owned(), rpc),
                ("S.b".to_owned(), body),
                ("T".to_owned(), "service T {}"),
            ]
        );
    }

    #[test]
    fn comments_are_found_between_strings() {
        let source = "a = \"// no\"; // yes\n/* also\n*/ b = '/* \\' no */'; // last";
        let texts = scan(source).comments.into_iter();
        let texts: Vec<_> = texts.map(|comment| &source[comment.range]).collect();
        assert_eq!(texts, ["// yes", "/* also\n*/", "// last"]);
    }

    #[test]
    fn what_does_not_end_ends_with_the_file() {
        for source in [
            "/*",
            "/* /",
            "\"",
            "'\\",
            "service",
            "service S",
            "service S { rpc a",
            "}}",
            "/",
        ] {
            for span in scan(source).spans {
                assert_eq!(span.range.end, source.len());
            }
        }
    }
}
