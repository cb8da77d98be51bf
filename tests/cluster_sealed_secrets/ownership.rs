//! What becomes of a Secret when its SealedSecret goes.

use super::project::Project;
use super::stage::{FRANKFURT, Stage, name_of};

/// It goes too, a server's root password with the rest: nothing is rendered that would keep it
/// (`sealedsecrets.bitnami.com/skip-set-owner-references` in `spec.template`). What keeps it is that no
/// GitOps engine removes the SealedSecret by itself.
pub(crate) fn a_secret_goes_with_its_sealed_secret(stage: &Stage) {
    let project = Project::begin(stage, "owned", "{mode: sealed}", FRANKFURT);
    let big = "kind: Site\nsiteName: big.example.com\nbench: b15\ndatabase: {mode: dedicated}\n";
    project.define("big.yaml", big);
    project.deliver();
    for sealed in project.sealed() {
        let (name, annotations) = (name_of(&sealed), &sealed["metadata"]["annotations"]);
        assert_eq!(annotations["kustomize.toolkit.fluxcd.io/prune"], "disabled", "{name}");
        assert_eq!(stage.secret("owned", name).shape.owners[0]["controller"], true, "{name}");
    }

    let gone = ["acme-db-credentials", "big-mariadb-root"];
    for name in gone {
        stage.kubectl().run(&format!("delete sealedsecret {name} --namespace=owned"));
    }
    for name in gone {
        stage.wait_until_gone("owned", name);
    }
    // Nothing else went.
    for name in ["acme-admin", "big-admin", "big-db-credentials", "db-root"] {
        stage.secret("owned", name);
    }
}
