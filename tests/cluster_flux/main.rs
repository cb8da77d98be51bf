//! Flux end to end: a commit in a Git repository, the GitOps pack as it is rendered, and Flux's own
//! source-controller and kustomize-controller. The operators are a double, which writes the statuses that
//! the real ones write when all is well.
//!
//! Each story has a name of its own, by which its thread and its namespace go, and a cluster that it shares.

#[cfg(test)]
mod delivery;
#[cfg(test)]
mod encrypted;
#[cfg(test)]
mod model;
#[cfg(test)]
#[expect(dead_code, reason = "the sequences of `tests/controllers` ask for more")]
#[path = "../controllers/model/mod.rs"]
mod models;
#[cfg(test)]
mod moves;
#[cfg(test)]
mod protection;
#[cfg(test)]
mod retirement;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod statuses;
#[cfg(test)]
mod story;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;
#[cfg(test)]
mod waits;

#[cfg(test)]
mod tests {
    use super::stage::{NEW, OLD, Stage, Told};
    use super::{delivery, encrypted, model, moves, protection, retirement, statuses, waits};

    #[test]
    fn flux_delivers_to_the_oldest_operators() {
        Stage::tell(
            OLD,
            &[
                ("modelled", model::the_model_of_flux_does_what_flux_does as Told),
                ("apart", retirement::a_retirement_that_one_layer_skipped_takes_the_whole_site),
                ("gone", retirement::under_2_3_a_retired_site_goes_and_its_data_stays),
            ],
        );
    }

    #[test]
    fn flux_delivers_to_the_newest_operators() {
        Stage::tell(
            NEW,
            &[
                (
                    "delivered",
                    delivery::a_commit_arrives_in_order_and_the_next_writes_what_it_changes as Told,
                ),
                ("encrypted", encrypted::flux_decrypts_the_secrets_and_a_rotation_arrives),
                ("moved", moves::objects_stay_when_their_delivery_changes),
                ("kept", protection::what_was_never_retired_stays),
                ("alone", retirement::by_site_a_retirement_that_one_layer_skipped_takes_the_whole_site),
                ("ended", retirement::under_2_6_the_frappe_site_of_a_retired_site_stays),
                ("back", retirement::under_2_6_a_site_is_retired_and_taken_back_without_a_deletion),
                (
                    "dropped",
                    retirement::under_2_6_what_is_to_be_deleted_goes_in_the_order_of_the_documentation,
                ),
                ("told", statuses::no_layer_waits_for_a_status),
                ("sick", waits::a_layer_that_waits_takes_the_next_commit_when_its_wait_ends),
                ("stuck", waits::a_database_that_is_not_ready_holds_up_the_sites_until_it_is_retired),
            ],
        );
    }

    #[test]
    fn flux_has_four_workers() {
        let Some(stage) = Stage::start(NEW, &[]) else { return };
        waits::four_sites_that_wait_hold_up_all_others_unless_flux_is_told_otherwise(stage);
    }
}
