//! `sitewright secrets prune`.

use super::View;
use crate::cli::arguments::Format;
use crate::cli::outcome::Outcome;
use crate::cli::terminal::number;
use serde_json::json;
use sitewright::apply::{Recorded, prune};
use sitewright::secret::Unused;

pub(super) fn run(is_dry: bool, view: &View) -> Outcome {
    let unused = &view.ledger.settlement.unused;
    let Recorded { records, removed, .. } =
        match prune(view.ledger.project, &view.ledger.settlement, is_dry) {
            Ok(recorded) => recorded,
            Err(problem) => return view.fail(vec![*problem]),
        };
    let path = |unused: &Unused| format!("{}/{}/{}", unused.definition, unused.secret, unused.key);
    let terminal = view.terminal;
    if terminal.format == Format::Json {
        let result = json!({
            "pruned": unused.iter().map(path).collect::<Vec<_>>(),
            "records": records,
            "removed": removed,
            "written": !is_dry,
        });
        terminal.document(&[], &view.ledger.project.sources, result);
        return Outcome::Fine;
    }
    for unused in unused {
        terminal.line(&format!("- {}", path(unused)));
    }
    for path in &removed {
        terminal.line(&format!("- {path}"));
    }
    let count = number(unused.len(), "record");
    terminal.line(&match is_dry {
        true => format!("{count} would be pruned; nothing was written, because of `--dry-run`"),
        false => format!("{count} pruned"),
    });
    Outcome::Fine
}
