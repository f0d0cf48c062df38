"""The acceptance tests of the GitOps specification (9) and what the issue wants shown, by name.

Each line leads to the test that shows it; a test that is renamed or gone is missed here.
"""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SYNC, BINDINGS, END = "gitops/test_sync.py", "gitops/test_bindings.py", "end_to_end/test_gitops.py"
HOSTILE, ATTACKS = "gitops/test_hostile.py", "gitops/test_webhook_attacks.py"
OUTSIDE, CHANGES, PINS = "gitops/test_outside.py", "gitops/test_changes.py", "gitops/test_pins.py"
TRANSPORTS, CLONE = "gitops/test_transports.py", "workers/test_clone.py"
COMMANDS, DECLARED = "gitops/test_commands.py", "gitops/test_declared.py"
REWRITTEN, GATE = "gitops/test_rewritten.py", "gitops/test_gate.py"
SIGNED, GUARDS, HOSTS = "gitops/test_signature.py", "gitops/test_guards.py", "gitops/test_hosts.py"

SHOWN = {
    "T1 push, webhook, applied within five seconds": [
        (END, "test_t1_a_signed_push_is_synced_and_executed_within_five_seconds"),
    ],
    "T2 the hook lost": [
        (END, "test_t2_a_lost_hook_is_made_good_by_the_poll"),
        (SYNC, "test_t2_without_a_hook_a_commit_is_applied_within_the_poll_interval"),
    ],
    "T3 ten pushes in a second": [
        (END, "test_t3_ten_pushes_in_a_second_end_at_the_last_one_in_few_syncs"),
        ("gitops/test_lag.py", "test_ten_pushes_of_a_second_are_two_looks"),
    ],
    "T4 one invalid file of fifty": [
        (SYNC, "test_t4_one_invalid_file_of_many_changes_nothing_and_is_named_with_its_line"),
    ],
    "T5 a worker killed at each step": [
        (
            "gitops/test_deaths.py",
            "test_t5_a_killed_worker_leaves_exactly_before_or_after_and_another_one_ends_it",
        ),
    ],
    "T6 the same commit twice": [
        (SYNC, "test_t6_the_same_commit_again_makes_no_revision_and_no_history"),
        (GUARDS, "test_t6_the_same_work_again_writes_neither_revision_nor_history"),
    ],
    "T7 forged, replayed, oversized, truncated, wrongly encoded, of all eight providers": [
        (ATTACKS, "test_a_forged_delivery_is_refused"),
        (ATTACKS, "test_a_changed_body_is_refused"),
        (ATTACKS, "test_a_good_delivery_wakes_its_source_and_the_same_again_does_not"),
        (ATTACKS, "test_a_delivery_that_was_kept_and_sent_later_is_refused"),
        (ATTACKS, "test_an_oversized_delivery_is_refused_while_it_is_read"),
        (ATTACKS, "test_a_truncated_delivery_is_no_json_and_refused"),
        (ATTACKS, "test_a_delivery_in_another_encoding_is_refused"),
        (END, "test_t7_a_delivery_that_is_forged_or_doubled_or_broken_wakes_nothing"),
    ],
    "T8 an emptied folder with prune": [(SYNC, "test_t8_an_emptied_folder_is_not_pruned")],
    "T9 two bindings, one flow": [(SYNC, "test_t9_two_bindings_cannot_own_one_flow")],
    "T10 an edit under each mode": [
        (BINDINGS, "test_t10_a_locked_flow_is_not_edited_and_the_answer_says_where_to_change_it"),
        (BINDINGS, "test_t10_with_overwrite_an_edit_stands_until_git_changes"),
        (BINDINGS, "test_t10_with_block_an_edit_stops_the_binding_until_somebody_decides"),
    ],
    "T11 a running execution keeps its files": [
        (PINS, "test_t11_an_execution_keeps_its_commit_and_files_while_a_sync_replaces_them"),
        (PINS, "test_t11_tasks_of_a_running_execution_read_the_files_that_it_began_with"),
    ],
    "T12 an unsigned commit": [
        (SIGNED, "test_t12_an_unsigned_commit_is_not_applied_and_a_signed_one_is"),
        (SIGNED, "test_a_gpg_signature_of_a_given_key_is_taken"),
    ],
    "T13 a renamed file": [
        (BINDINGS, "test_t13_a_renamed_file_keeps_the_revision_and_the_triggers_cursor"),
    ],
    "T14 one of a thousand": [
        (
            "gitops/test_scale.py",
            "test_t14_of_a_thousand_flows_only_the_changed_one_is_read_and_synced_within_two_seconds",
        ),
    ],
    "T15 a repository that is away": [
        (
            SYNC,
            "test_t15_a_repository_that_is_away_for_an_hour_is_asked_less_and_less_and_comes_back",
        ),
        (END, "test_a_repository_that_is_away_is_told_and_comes_back"),
    ],
    "T16 links, climbing paths, submodules, huge blobs": [
        (
            HOSTILE,
            "test_t16_links_climbing_paths_and_submodules_are_named_and_nothing_is_applied",
        ),
        (HOSTILE, "test_t16_a_large_blob_is_refused_by_its_size_unread"),
        (CLONE, "test_a_submodule_of_another_host_never_sees_the_credentials"),
    ],
    "T17 a proposed change": [
        (
            CHANGES,
            "test_t17_a_change_becomes_a_branch_a_pull_request_and_after_its_merge_a_quiet_sync",
        ),
    ],
    "any interleaving": [("gitops/test_interleavings.py", "Following")],
    "real servers: HTTP, TLS, SSH, a proxy": [
        (TRANSPORTS, "test_a_source_over_http_with_basic_authentication"),
        (TRANSPORTS, "test_a_source_over_tls_trusts_the_authority_of_its_connection"),
        (TRANSPORTS, "test_a_source_over_ssh_with_a_key_and_known_hosts"),
        (TRANSPORTS, "test_a_source_goes_through_the_proxy_of_its_connection"),
        (TRANSPORTS, "test_what_authenticates_is_kept_encrypted"),
        (HOSTS, "test_a_github_app_signs_who_it_is_and_gets_a_token_until_that_expires"),
    ],
    "P15, size": [
        (
            "gitops/test_scale.py",
            "test_five_thousand_flows_and_twenty_thousand_files_sync_in_bounded_memory",
        ),
        (
            "gitops/test_quiet_poll.py",
            "test_an_unchanged_repository_costs_one_ls_remote_and_is_no_sync",
        ),
        ("gitops/test_many_files.py", "test_the_first_sync_of_many_files_issues_few_statements"),
    ],
    "hostile: symlinks, `..`, submodules": [
        (
            HOSTILE,
            "test_t16_links_climbing_paths_and_submodules_are_named_and_nothing_is_applied",
        ),
        (
            "workers/test_git_sync.py",
            "test_a_link_that_leaves_the_repository_publishes_nothing",
        ),
    ],
    "hostile: hooks, filters, submodule addresses": [
        (HOSTILE, "test_hooks_filters_and_attributes_of_a_repository_are_never_run"),
        ("workers/test_clone_more.py", "test_a_repository_cannot_send_lfs_to_another_host"),
    ],
    "hostile: `ext::`, options": [
        (HOSTILE, "test_an_address_that_git_must_not_have_is_refused"),
        (HOSTILE, "test_a_ref_is_never_an_option"),
        (CLONE, "test_a_dangerous_address_starts_no_process"),
    ],
    "hostile: huge blobs, a million files, names that are no UTF-8": [
        (HOSTILE, "test_t16_a_large_blob_is_refused_by_its_size_unread"),
        (HOSTILE, "test_very_many_files_are_refused_with_their_limit"),
        (HOSTILE, "test_a_billion_files_of_three_small_trees_are_refused_and_never_listed"),
        (HOSTILE, "test_a_name_that_is_not_utf8_is_shown_and_refused"),
    ],
    "attacks: rewritten histories, branches and sources that go, rotated credentials": [
        (REWRITTEN, "test_an_unrelated_history_is_applied_as_any_newest_commit"),
        (REWRITTEN, "test_a_history_that_leaves_most_flows_out_deletes_none"),
        (REWRITTEN, "test_a_push_by_force_in_the_middle_of_a_fetch_ends_at_the_last_commit"),
        (REWRITTEN, "test_a_source_that_is_deleted_while_it_is_read_applies_nothing_more"),
        (REWRITTEN, "test_a_credential_that_is_rotated_while_it_is_used_fails_once_and_goes_on"),
        (REWRITTEN, "test_a_branch_that_is_deleted_deletes_nothing_and_is_followed_again"),
        (REWRITTEN, "test_a_flow_of_two_sources_stays_with_the_first"),
        (REWRITTEN, "test_a_commit_that_is_larger_than_any_honest_one_is_refused"),
        (REWRITTEN, "test_the_dates_of_commits_mean_nothing"),
        (
            "gitops/test_gate.py",
            "test_a_redirection_to_an_address_that_is_forbidden_is_not_followed",
        ),
    ],
    "pin, rollback, executions by commit, replays": [
        (PINS, "test_a_rollback_applies_the_earlier_commit_and_holds_it"),
        (PINS, "test_executions_are_found_by_their_commit"),
        (PINS, "test_a_replay_runs_the_same_commit_and_files_or_the_latest"),
    ],
    "promotion, approvals, windows": [
        (CHANGES, "test_a_commit_that_is_well_in_one_stage_is_moved_to_the_next"),
        (CHANGES, "test_a_promotion_waits_for_each_of_its_gates"),
        (CHANGES, "test_a_stage_may_be_a_branch_that_is_fast_forwarded"),
        ("gitops/test_plan_extras.py", "test_a_stage_may_be_promoted_by_a_pull_request"),
        (GUARDS, "test_an_approval_is_waited_for_and_lets_exactly_that_plan_go_on"),
        (GUARDS, "test_a_sync_waits_for_its_window_and_is_made_when_that_opens"),
    ],
    "previews, status, one updatable comment": [
        (OUTSIDE, "test_a_preview_lives_in_its_own_namespace_without_triggers_and_secrets"),
        (OUTSIDE, "test_a_preview_declares_nothing_that_would_be_everybodys"),
        (OUTSIDE, "test_a_commit_shows_whether_it_was_synced"),
        (
            OUTSIDE,
            "test_a_pull_request_gets_one_comment_with_its_plan_that_is_changed_later",
        ),
        (HOSTS, "test_a_comment_is_written_once_and_then_changed"),
    ],
    "notifications, also as a trigger; metrics": [
        (OUTSIDE, "test_subscribers_are_told_once_for_each_event_signed_and_keyed"),
        (OUTSIDE, "test_an_event_starts_the_flows_that_wait_for_it_once"),
        ("gitops/test_mail.py", "test_a_failed_sync_is_told_by_mail_and_names_the_file"),
        ("gitops/test_lag.py", "test_the_lag_counts_from_the_push_and_not_from_the_look"),
    ],
    "deliveries listed and replayed": [
        (OUTSIDE, "test_a_delivery_is_replayed_from_what_was_kept_of_it"),
    ],
    "declared sources and bindings": [
        (DECLARED, "test_a_source_and_its_binding_are_declared_and_followed"),
        (DECLARED, "test_a_wrong_file_is_named_and_nothing_is_applied"),
    ],
    "command line": [
        (COMMANDS, "test_a_folder_is_planned_applied_and_exported"),
        (COMMANDS, "test_a_source_is_planned_synced_and_pinned"),
        (COMMANDS, "test_drift_is_listed_and_exits_with_two"),
        (COMMANDS, "test_a_change_is_proposed_from_a_file"),
        (COMMANDS, "test_a_promotion_says_what_it_waits_for"),
    ],
    "templates for CI": [
        (
            "gitops/test_ci_templates.py",
            "test_a_pull_request_is_validated_and_planned_and_the_branch_is_deployed",
        ),
    ],
}


@pytest.mark.parametrize("point", SHOWN)
def test_what_is_promised_has_its_test(point):
    for file, name in SHOWN[point]:
        text = (TESTS / file).read_text(encoding="utf-8")
        assert re.search(rf"^(def|class) {name}\b", text, re.MULTILINE), f"{file}::{name}"


def test_all_seventeen_are_here():
    numbers = {int(found[1]) for point in SHOWN if (found := re.match(r"T(\d+) ", point))}

    assert numbers == set(range(1, 18))
