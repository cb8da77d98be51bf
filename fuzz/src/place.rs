//! The places of diagnostics.

use sitewright::diagnostic::{Diagnostic, Place, Sources};

/// Fails unless each span of the diagnostics is a range of characters of its text, with a line and a column.
pub fn assert_placed(found: &[Diagnostic], sources: &Sources) {
    for found in found {
        let related = found.related.iter().map(|(place, _)| place);
        let spans = related.chain([&found.place]).filter_map(|place| match place {
            Place::Span(span) => Some(*span),
            _ => None,
        });
        for span in spans.chain(found.fix.as_ref().map(|fix| fix.span)) {
            let text = sources.text(span.file);
            assert!(text.get(span.range()).is_some(), "{span:?} of {found:?} in {text:?}");
            let (start, end) = (sources.start(span), sources.end(span));
            assert!((start.line, start.column) <= (end.line, end.column), "{found:?} in {text:?}");
        }
    }
}
