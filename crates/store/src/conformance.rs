//! What every back-end must do, as tests that are written once.
//!
//! A back-end says how it is started and stopped ([`Backend`]) and takes the whole suite with
//! `conformance::suite!(ItsBackend);`. Each case gets an empty store.

pub(crate) mod accounts;
pub(crate) mod attempts;
pub(crate) mod audit;
pub(crate) mod keys_and_revocations;
pub(crate) mod lifetimes;
pub(crate) mod races;
pub(crate) mod sample;
pub(crate) mod session_verbs;

use std::sync::Arc;

use symbolon_core::Timestamp;

use crate::core_store::CoreStore;
use crate::session_store::SessionStore;

/// The time at which all cases play.
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// A back-end under test.
pub(crate) trait Backend: Sized {
    /// Starts with nothing stored.
    async fn start() -> Self;
    /// Stops and starts again over what is stored.
    async fn restart(self) -> Self;
    fn core(&self) -> Arc<dyn CoreStore>;
    fn sessions(&self) -> Arc<dyn SessionStore>;
}

/// Every case as a test of one back-end.
macro_rules! suite {
    ($backend:ty) => {
        $crate::conformance::cases! { $backend, session_verbs:
            a_created_session_is_found_as_it_was,
            a_token_and_an_id_are_given_once,
            lists_are_newest_first_and_bounded,
            a_patch_merges_and_bumps_the_generation,
            a_patch_of_another_generation_is_refused,
            a_patch_over_the_bound_changes_nothing,
            a_rotated_token_opens_and_the_old_one_does_not,
            new_roles_reach_all_sessions_of_the_subject,
            an_ended_session_is_gone_for_every_verb,
            all_sessions_of_a_subject_end_but_one,
            imported_sessions_are_found,
            what_was_acknowledged_survives_a_restart,
        }
        $crate::conformance::cases! { $backend, lifetimes:
            a_touch_never_moves_backwards,
            a_touch_moves_the_idle_end,
            a_touch_does_not_bring_a_session_back,
            expiry_takes_the_idle_and_the_old_only,
            expiry_stops_at_its_limit,
        }
        $crate::conformance::cases! { $backend, races:
            racing_patches_lose_nothing,
            racing_conditional_patches_have_one_winner,
            racing_rotations_replace_each_token_once,
            an_end_beats_concurrent_changes,
            racing_ends_have_one_winner,
            racing_accounts_of_one_name_have_one_winner,
            racing_passwords_have_one_winner,
        }
        $crate::conformance::cases! { $backend, accounts:
            a_created_account_is_found_as_it_was,
            a_name_is_given_once,
            pages_show_every_account_once_in_order,
            a_password_is_replaced_only_if_it_is_still_the_old_one,
            roles_groups_and_disabling_need_an_account,
            accounts_survive_a_restart,
        }
        $crate::conformance::cases! { $backend, keys_and_revocations:
            revocations_are_kept_until_they_may_be_forgotten,
            what_was_revoked_after_a_mark_is_told_once,
            forgetting_stops_at_its_limit,
            keys_are_listed_oldest_first,
            a_key_is_added_once,
            a_pulled_key_stays_pulled_since_then,
            keys_and_revocations_survive_a_restart,
        }
        $crate::conformance::cases! { $backend, audit:
            what_is_done_is_recorded_and_what_is_not_is_not,
            racing_changes_make_one_chain,
            the_beginning_is_cut_and_the_rest_goes_on_from_it,
            what_was_told_elsewhere_is_remembered,
            the_audit_log_survives_a_restart,
        }
        $crate::conformance::cases! { $backend, attempts:
            counters_are_kept_until_they_may_be_forgotten,
        }
    };
}

/// The cases of one module as tests.
macro_rules! cases {
    ($backend:ty, $module:ident: $($case:ident,)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    let backend = <$backend as $crate::conformance::Backend>::start().await;
                    $crate::conformance::$module::$case(backend).await;
                }
            )*
        }
    };
}

pub(crate) use {cases, suite};
