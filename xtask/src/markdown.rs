//! Headings and fenced blocks of a Markdown text: as much of the format as the gates need.

/// The parts of a text, each with the line it stands on.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline<'a> {
    pub(crate) headings: Vec<Heading<'a>>,
    pub(crate) fences: Vec<Fence<'a>>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heading<'a> {
    pub(crate) level: usize,
    pub(crate) text: &'a str,
    pub(crate) line: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fence<'a> {
    /// The first word after the opening marks, empty if there is none.
    pub(crate) language: &'a str,
    pub(crate) lines: Vec<(usize, &'a str)>,
}

/// Reads a text once. What stands in a fenced block is never a heading.
pub(crate) fn outline(text: &str) -> Outline<'_> {
    let mut outline = Outline::default();
    let mut marks = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        match (marks, fence_marks(line)) {
            (None, Some(opening)) => {
                let information = line.trim_start().trim_start_matches(opening.0);
                outline.fences.push(Fence {
                    language: information.split_whitespace().next().unwrap_or_default(),
                    lines: Vec::new(),
                });
                marks = Some(opening);
            }
            (None, None) => outline.headings.extend(heading(line, number)),
            (Some(opening), Some(closing)) if closes(opening, closing, line) => marks = None,
            (Some(_), _) => {
                if let Some(fence) = outline.fences.last_mut() {
                    fence.lines.push((number, line));
                }
            }
        }
    }
    outline
}

fn heading(line: &str, number: usize) -> Option<Heading<'_>> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    (level > 0 && text.starts_with(' ')).then(|| Heading { level, text: text.trim(), line: number })
}

/// The character and length of a run of backticks or tildes that may open or close a block.
fn fence_marks(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start();
    ['`', '~'].into_iter().find_map(|mark| {
        let length = line.len() - line.trim_start_matches(mark).len();
        (length >= 3).then_some((mark, length))
    })
}

fn closes(opening: (char, usize), closing: (char, usize), line: &str) -> bool {
    closing.0 == opening.0
        && closing.1 >= opening.1
        && line.trim().trim_start_matches(closing.0).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_in_a_fence_is_text() {
        let found = outline("# One\n```sh\n# not a heading\ncargo test\n```\n### `two`\n#three\n");

        let headings: Vec<_> = found.headings.iter().map(|h| (h.level, h.text)).collect();
        assert_eq!(headings, [(1, "One"), (3, "`two`")]);
        assert_eq!(
            found.fences,
            [Fence { language: "sh", lines: vec![(3, "# not a heading"), (4, "cargo test")] }]
        );
    }

    #[test]
    fn a_longer_fence_holds_a_shorter_one() {
        let found = outline("````md\n```sh\nls\n```\n````\n# After\n");

        assert_eq!(found.fences.len(), 1);
        assert_eq!(found.fences[0].lines.len(), 3);
        assert_eq!(found.headings[0].text, "After");
    }
}
