//! Chooses the provider of a definition by the database system that it states.

use crate::cluster::Cluster;
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::language::{self, Kind};
use crate::layers::Origin;
use crate::operator;
use crate::provider::{self, Provider, Unsupported};

/// The provider of the stated database system. A definition with a system without a provider is
/// left out. Reports of further missing fields, such as a server for SQLite, would mislead the user.
pub(super) fn provider(
    stated: Option<language::Provider>,
    origin: &Origin,
    path: &[&str],
    cluster: &Cluster,
) -> Checked<&'static dyn Provider> {
    let provider = match stated {
        None => provider::DEFAULT,
        Some(system) => provider::of(system)
            .map_err(|why| vec![unsupported(system, why, origin, path, cluster)])?,
    };
    match cluster.profiles.version(provider.operator()) {
        Some(_) => Ok(provider),
        None => Err(vec![without_operator(provider, origin, path, cluster)]),
    }
}

/// No definition of this kind can use the system.
fn unsupported(
    system: language::Provider,
    why: Option<&Unsupported>,
    origin: &Origin,
    path: &[&str],
    cluster: &Cluster,
) -> Diagnostic {
    let message = format!("the database provider `{}` is not supported", system.name());
    // SW402: a database provider that is not supported.
    let problem = Diagnostic::new(Code::Provider, origin.span(path), message)
        .help(format!("write {}", provider::choices()));
    match (why, origin.definition.kind) {
        (None, _) => problem,
        (Some(why), Kind::Site) => {
            let frappe = cluster.profiles.frappe;
            let reason = (why.on_site)(frappe);
            let default = provider::DEFAULT.system().name();
            problem
                .help(format!("write `provider: {default}`, or leave the field out"))
                .label(format!("frappe-operator {} makes no such site: {reason}", frappe.id))
                .related(cluster.definition.span(), "the cluster")
        }
        (Some(why), _) => problem.label(why.on_server),
    }
}

/// The definition's cluster does not state the operator that the provider needs.
fn without_operator(
    provider: &dyn Provider,
    origin: &Origin,
    path: &[&str],
    cluster: &Cluster,
) -> Diagnostic {
    let (system, operator) = (provider.system().name(), provider.operator());
    let versions: Vec<_> = operator.versions().iter().map(|id| format!("\"{id}\"")).collect();
    let message = format!(
        "the database provider `{system}` needs {}, but the cluster does not state its version",
        operator.name()
    );
    // SW105: a cluster without the operator that a definition needs.
    Diagnostic::new(Code::MissingField, origin.span(path), message)
        .related(cluster.definition.span(), "the cluster")
        .help(format!(
            "state `operators.{}` in the cluster's definition: {}",
            operator.field(),
            operator::listed(&versions)
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster;
    use crate::diagnostic::Sources;
    use crate::language::{Definition, Operators, definitions};
    use crate::layers::Layers;
    use crate::source::{Document, Role, yaml};

    fn definition(name: &str, text: &str, sources: &mut Sources) -> Definition {
        let file = sources.add(format!("sites/eu/{name}.yaml"), text.to_owned());
        let node = Some(yaml::read(text, file).unwrap());
        let role = if name == "_cluster" { Role::Cluster } else { Role::Definition };
        let (folders, stem) = (["eu".to_owned()].into(), name.to_owned());
        let document = Document { role, folders, stem, file, node };
        definitions(vec![document], sources).value.remove(0)
    }

    #[test]
    fn a_cluster_must_state_the_operator_of_a_provider_that_is_used() {
        let mut sources = Sources::default();
        for provider in provider::ALL {
            let operator = provider.operator();
            let newest = *operator.versions().last().unwrap();
            let text = format!(
                "kind: Cluster\noperators: {{frappe: \"2.6\", {}: \"{newest}\"}}\n",
                operator.field()
            );
            let eu = definition("_cluster", &text, &mut sources);
            let site = definition("acme", "kind: Site\n", &mut sources);
            let layers = Layers::new(site.node.iter().collect());
            let origin = Origin { definition: &site, layers };
            let mut cluster =
                cluster::cluster(&eu, eu.node.as_ref().unwrap(), &provider::operators()).unwrap();
            let of = |cluster: &Cluster| {
                super::provider(Some(provider.system()), &origin, &["provider"], cluster)
            };
            assert_eq!(of(&cluster).unwrap().system(), provider.system());
            let frappe = Some(cluster.profiles.frappe.version);
            let without = Operators { frappe, ..Operators::default() };
            cluster.profiles = without.profiles().unwrap();
            let problems = of(&cluster).unwrap_err();
            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].code, Code::MissingField);
            assert!(problems[0].message.contains(operator.name()), "{}", problems[0].message);
        }
    }
}
