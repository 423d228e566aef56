//! Links and paths in text.

use std::fs;
use std::path::Path;

/// Whether `folder` begins an absolute path in `line` (not the middle of a relative one or of an address).
pub(crate) fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        before.is_none_or(|c| !(c.is_alphanumeric() || "._-~*}/".contains(c)))
    })
}

/// Line and target of each inline link, outside code.
pub(crate) fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let targets = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        found.extend(targets.map(|(target, _)| (index + 1, target.to_owned())));
    }
    found
}

pub(crate) fn resolves(from: &Path, text: &str, link: &str) -> bool {
    if ["https://", "http://", "mailto:"].iter().any(|scheme| link.starts_with(scheme)) {
        return true;
    }
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    if file.is_empty() {
        return has_heading(text, anchor);
    }
    let target = from.parent().unwrap().join(file);
    target.exists()
        && (anchor.is_empty() || fs::read_to_string(target).is_ok_and(|other| has_heading(&other, anchor)))
}

fn has_heading(text: &str, anchor: &str) -> bool {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| slug(line.trim_start_matches('#').trim())).any(|slug| slug == anchor)
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_and_anchors_are_found() {
        let text = "# A title, here\n[a](b.md) and [c](#a-title-here)\n```\n[no](no.md)\n```";
        assert_eq!(links(text), [(2, "b.md".to_owned()), (2, "#a-title-here".to_owned())]);
        assert!(has_heading(text, "a-title-here") && !has_heading(text, "another"));
        assert!(starts_a_path("see `/srv/x`", "/srv/") && !starts_a_path("a/srv/x", "/srv/"));
    }
}
