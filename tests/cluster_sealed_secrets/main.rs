//! The real sealed-secrets controller makes Secrets of what is rendered: for every sample and its
//! consumers, after a rotation, a new certificate and an adoption, and where a Secret is in the way.
//!
//! The keys in `tests/keys/` are public and worthless. All the same no test compares values, only their
//! lengths and digests: what a failing test prints is no password.

#[cfg(test)]
mod adoption;
#[cfg(test)]
mod certificates;
#[cfg(test)]
mod consumers;
#[cfg(test)]
mod in_the_way;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod project;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod sampled;
#[cfg(test)]
#[path = "../samples/mod.rs"]
mod samples;
#[cfg(test)]
mod scopes;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod stage;
#[cfg(test)]
#[path = "../tools/mod.rs"]
mod tools;

#[cfg(test)]
mod tests {
    use super::stage::{Stage, Told};
    use super::{adoption, certificates, in_the_way, ownership, rotation, sampled, scopes};

    #[test]
    fn the_controller_makes_the_secrets_that_operators_read() {
        Stage::tell(&[
            ("samples", sampled::every_reference_of_the_samples_leads_to_a_secret as Told),
            ("given", sampled::both_halves_of_an_access_key_arrive),
            ("rotated", rotation::a_rotation_changes_one_secret_in_place),
            ("renewed", certificates::a_new_certificate_seals_what_is_new),
            ("adopted", adoption::what_was_clear_text_is_adopted_sealed),
            ("foreign", adoption::what_another_program_sealed_is_adopted),
            ("scopes", scopes::each_scope_binds_as_far_as_it_says),
            ("taken", in_the_way::a_secret_that_is_in_the_way_stays_as_it_is),
            ("handed", in_the_way::a_secret_that_is_handed_over_is_replaced_in_place),
            ("raced", in_the_way::what_an_operator_makes_first_is_in_no_new_sites_way),
            ("owned", ownership::a_secret_goes_with_its_sealed_secret),
        ]);
    }
}
