//! Just enough of Rust to measure it: literals blanked out, braces counted.

use std::collections::BTreeSet;

pub(crate) fn camel_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        match words.last_mut() {
            Some(word) if !letter.is_uppercase() => word.push(letter),
            _ => words.push(letter.to_lowercase().collect()),
        }
    }
    words
}

/// Whether `word` stands in `text` and is not part of a longer name or of a lifetime such as `&'static`.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    let bytes = text.as_bytes();
    let is_name = |byte: Option<&u8>| byte.is_some_and(|&byte| is_name_byte(byte));
    text.match_indices(word).any(|(start, _)| {
        let before = start.checked_sub(1).and_then(|place| bytes.get(place));
        let begins_inside = is_name(word.as_bytes().first()) && is_name(before);
        let ends_inside = is_name(word.as_bytes().last()) && is_name(bytes.get(start + word.len()));
        !(begins_inside || ends_inside || before == Some(&b'\''))
    })
}

/// Line and name after each `keyword`.
pub(crate) fn declared(masked: &str, keyword: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, text) in masked.lines().enumerate() {
        let words: Vec<&str> = text
            .split(|c: char| !(c.is_alphanumeric() || c == '_'))
            .filter(|word| !word.is_empty())
            .collect();
        let pairs = words.windows(2).filter(|pair| pair[0] == keyword);
        found.extend(pairs.map(|pair| (index + 1, pair[1].to_owned())));
    }
    found
}

pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) n_lines: usize,
}

/// Functions with a body, from the line of `fn` to the closing brace.
pub(crate) fn functions(masked: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (start, _) in masked.match_indices("fn ") {
        let standalone = start == 0 || !is_name_byte(masked.as_bytes()[start - 1]);
        let name: String =
            masked[start + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !standalone || name.is_empty() {
            continue;
        }
        if let Some(end) = end_of_item(masked, start) {
            let n_lines = masked[start..end].matches('\n').count() + 1;
            found.push(Function { name, line: line_of(masked, start), n_lines });
        }
    }
    found
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn line_of(text: &str, place: usize) -> usize {
    text[..place].matches('\n').count() + 1
}

/// Where the item that begins at `start` closes its braces; `None` if it ends in a semicolon.
fn end_of_item(masked: &str, start: usize) -> Option<usize> {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for (offset, byte) in masked.bytes().enumerate().skip(start) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets = brackets.saturating_sub(1),
            b'{' => braces += 1,
            b'}' if braces <= 1 => return Some(offset + 1),
            b'}' => braces -= 1,
            b';' if braces == 0 && brackets == 0 => return None,
            _ => {}
        }
    }
    None
}

/// Lines of items under `#[cfg(test)]`.
pub(crate) fn test_lines(masked: &str) -> BTreeSet<usize> {
    let mut lines = BTreeSet::new();
    for (start, attribute) in masked.match_indices("#[cfg(test)]") {
        let end = end_of_item(masked, start + attribute.len()).unwrap_or(start);
        lines.extend(line_of(masked, start)..=line_of(masked, end));
    }
    lines
}

/// Blanks comments, strings and characters, keeps every line where it is.
pub(crate) fn masked(source: &str) -> String {
    let bytes = source.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    while out.len() < bytes.len() {
        let place = out.len();
        let end = literal_end(bytes, place);
        if end > place {
            out.extend(bytes[place..end].iter().map(|&byte| if byte == b'\n' { byte } else { b' ' }));
        } else {
            out.push(if bytes[place].is_ascii() { bytes[place] } else { b' ' });
        }
    }
    String::from_utf8(out).unwrap()
}

/// End of the comment or literal that begins at `place`; `place` itself if none does.
fn literal_end(bytes: &[u8], place: usize) -> usize {
    let rest = &bytes[place..];
    let inside_name = place > 0 && is_name_byte(bytes[place - 1]);
    let length = match rest {
        [b'/', b'/', ..] => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment_length(rest),
        [b'"', ..] => quoted_length(rest),
        [b'r', b'"' | b'#', ..] if !inside_name => raw_length(rest),
        [b'b', b'r', b'"' | b'#', ..] if !inside_name => match raw_length(&rest[1..]) {
            0 => 0,
            length => length + 1,
        },
        [b'\'', ..] => character_length(rest),
        _ => 0,
    };
    place + length
}

fn block_comment_length(rest: &[u8]) -> usize {
    let (mut depth, mut place) = (0_usize, 0);
    while place + 1 < rest.len() {
        match &rest[place..place + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                place += 1;
                continue;
            }
        }
        place += 2;
        if depth == 0 {
            return place;
        }
    }
    rest.len()
}

fn quoted_length(rest: &[u8]) -> usize {
    let mut place = 1;
    while place < rest.len() && rest[place] != b'"' {
        place += if rest[place] == b'\\' { 2 } else { 1 };
    }
    (place + 1).min(rest.len())
}

/// `r"..."`, `r#"..."#`; 0 for a raw identifier such as `r#type`.
fn raw_length(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let closing: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
    let body = &rest[2 + hashes..];
    let end = body.windows(closing.len()).position(|window| window == closing);
    end.map_or(rest.len(), |end| 2 + hashes + end + closing.len())
}

/// A character literal; 0 for a lifetime.
fn character_length(rest: &[u8]) -> usize {
    let from = if rest.get(1) == Some(&b'\\') { 3 } else { 2 };
    // The longest are an escape '\u{10ffff}' and four bytes of UTF-8.
    let reach = if from == 3 { 13 } else { 6 };
    let end = rest.iter().enumerate().take(reach).skip(from).find(|(_, byte)| **byte == b'\'');
    match end {
        Some((end, _)) if from == 3 || end == 2 || !rest[1].is_ascii() => end + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_are_masked() {
        let source = "let a = \"x } y\"; // } \nlet b = '}'; let c: &'a str = r#\"}\"\"#; /* } /* } */ */ let d = '\\'';";
        let masked = masked(source);
        assert_eq!(masked.len(), source.len());
        assert!(!masked.contains('}'), "{masked}");
        assert!(masked.contains("&'a str") && masked.contains("let d"), "{masked}");
    }

    #[test]
    fn functions_are_measured() {
        let source = "trait T { fn none(&self, a: [u8; 2]); }\nfn one() {}\nfn three(\n) { if x { y } \n}\ntype F = fn (u8);";
        let found: Vec<(String, usize, usize)> =
            functions(&masked(source)).into_iter().map(|f| (f.name, f.line, f.n_lines)).collect();
        assert_eq!(found, [("one".to_owned(), 2, 1), ("three".to_owned(), 3, 3)]);
    }

    #[test]
    fn test_modules_are_set_apart() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() { c.unwrap() }\n}\nfn d() {}";
        assert_eq!(test_lines(&masked(source)), BTreeSet::from([2, 3, 4, 5]));
    }

    #[test]
    fn words_are_whole() {
        assert!(has_word("x.unwrap()?", ".unwrap()") && !has_word("x.unwrap_or(1)", ".unwrap()"));
        assert!(has_word("print!(a)", "print!") && !has_word("eprint!(a)", "print!"));
        assert!(!has_word("&'static str", "static") && has_word("static A: u8 = 1;", "static"));
        assert!(!has_word("let unsafely = 1", "unsafe"));
        assert_eq!(camel_words("BaselineTable"), ["baseline", "table"]);
    }
}
