"""The acceptance criteria of the Git tasks (git, script and docker tasks, part 1), by name.

Each leads to the tests that show it; a test that is renamed or gone is missed here.
"""

import re
from pathlib import Path

import pytest

from app.language.parse import InvalidFlow, parse_flow
from app.plugin.registry import default_registry

HERE = Path(__file__).parent
CLONE, MORE, CACHE = "test_clone.py", "test_clone_more.py", "test_clone_cache.py"
PUSH, SYNC, WHOLE = "test_git_push.py", "test_git_sync.py", "test_git_whole.py"
OTHER, BOARDS = "test_git_instances.py", "test_git_dashboards.py"

SHOWN = {
    "G1": [
        (CLONE, "test_a_private_repository_needs_its_token_which_is_written_nowhere"),
        (OTHER, "test_no_secret_is_an_argument_of_any_git"),
    ],
    "G2": [(CLONE, "test_settings_are_written_to_the_repository")],
    "G3": [(OTHER, "test_an_authority_is_trusted_by_the_task_that_names_it_alone")],
    "G4": [(CLONE, "test_a_new_host_is_remembered_and_a_changed_key_fails")],
    "G5": [(CLONE, "test_a_dangerous_address_starts_no_process")],
    "G6": [
        (OTHER, "test_flows_are_promoted_to_another_server"),
        (OTHER, "test_a_refused_login_names_the_address_and_the_status"),
        (PUSH, "test_what_cannot_be_pushed_says_why"),
    ],
    "C1": [(CLONE, "test_a_repository_is_cloned_at_its_default_branch")],
    "C2": [(CLONE, "test_a_private_repository_needs_its_token_which_is_written_nowhere")],
    "C3": [(CLONE, "test_a_commit_whole_or_short_is_checked_out_detached")],
    "C4": [(CLONE, "test_a_tag_is_checked_out_at_its_commit")],
    "C5": [(CLONE, "test_files_that_are_there_stay")],
    "C6": [(CLONE, "test_a_single_branch_brings_no_other")],
    "C7": [(CLONE, "test_no_tags_are_fetched_when_none_are_wanted")],
    "C8": [(CLONE, "test_what_cannot_be_cloned_says_why")],
    "C9": [(CACHE, "test_a_half_built_copy_hinders_nobody")],
    "C10": [(CLONE, "test_a_repository_is_cloned_at_its_default_branch")],
    "P1": [(PUSH, "test_chosen_flows_are_pushed_under_their_new_namespace")],
    "P2": [(PUSH, "test_without_a_namespace_the_flow_s_own_is_pushed_as_it_is")],
    "P3": [(PUSH, "test_a_dry_run_tells_and_pushes_nothing")],
    "P4": [(PUSH, "test_deleting_keeps_to_the_globs_and_to_the_folder")],
    "P5": [(PUSH, "test_globs_come_as_a_list_or_as_an_expression")],
    "P6": [
        (PUSH, "test_without_a_namespace_the_flow_s_own_is_pushed_as_it_is"),
        (PUSH, "test_without_an_email_the_server_commits"),
    ],
    "P7": [(PUSH, "test_deleting_keeps_to_the_globs_and_to_the_folder")],
    "P8": [(PUSH, "test_chosen_flows_are_pushed_under_their_new_namespace")],
    "P9": [(PUSH, "test_deleting_keeps_to_the_globs_and_to_the_folder")],
    "P10": [(PUSH, "test_no_matching_file_is_an_error_where_it_is_wanted")],
    "P11": [(PUSH, "test_files_of_a_namespace_are_pushed_but_ignored_ones")],
    "P12": [(PUSH, "test_files_of_the_execution_are_pushed")],
    "P13": [(PUSH, "test_two_pushers_at_once_lose_nothing")],
    "P14": [(PUSH, "test_the_words_of_a_hook_that_rejects_are_told")],
    "P15": [(PUSH, "test_an_emptied_namespace_empties_its_folder")],
    "S1": [(SYNC, "test_a_folder_becomes_the_flows_of_a_namespace_and_of_its_children")],
    "S2": [(SYNC, "test_what_is_gone_from_git_goes_by_a_sync_that_deletes")],
    "S3": [(SYNC, "test_children_are_left_alone_unless_they_are_included")],
    "S4": [(SYNC, "test_a_folder_becomes_the_flows_of_a_namespace_and_of_its_children")],
    "S5": [(SYNC, "test_a_missing_folder_fails_and_never_deletes")],
    "S6": [(SYNC, "test_one_wrong_flow_of_five_stops_all_of_them_or_is_left_out")],
    "S7": [(SYNC, "test_the_same_sync_again_changes_nothing")],
    "S8": [
        (SYNC, "test_files_are_brought_and_what_is_not_in_git_is_deleted"),
        (SYNC, "test_files_stay_without_delete_and_the_second_time_nothing_changes"),
    ],
    "S9": [
        (SYNC, "test_one_file_becomes_one_flow"),
        (SYNC, "test_a_file_that_is_no_flow_says_so"),
    ],
    "S10": [(BOARDS, "test_dashboards_are_synced_and_only_deleted_when_asked_for")],
    "S11": [(SYNC, "test_one_wrong_flow_of_five_stops_all_of_them_or_is_left_out")],
    "S12": [(SYNC, "test_a_link_that_leaves_the_repository_publishes_nothing")],
    "S13": [(SYNC, "test_what_is_gone_from_git_goes_by_a_sync_that_deletes")],
    "S14": [(SYNC, "test_an_emptied_folder_deletes_nothing_unless_that_is_allowed")],
    "N1": [(WHOLE, "test_a_namespace_is_pushed_whole")],
    "N2": [(WHOLE, "test_a_namespace_is_pushed_whole")],
    "N3": [(WHOLE, "test_git_wins_and_is_never_written")],
    "N4": [(WHOLE, "test_a_namespace_is_pushed_whole")],
    "N5": [(WHOLE, "test_a_wrong_flow_of_git_is_named")],
    "N6": [(WHOLE, "test_a_linked_folder_is_read_within_the_repository_only")],
    "N7": [(WHOLE, "test_every_namespace_follows_git_but_protected_ones_and_the_flow_that_runs")],
    "N8": [(WHOLE, "test_every_namespace_follows_git_but_protected_ones_and_the_flow_that_runs")],
    "D1": [(WHOLE, "test_a_clone_is_changed_and_pushed_whatever_its_settings_say")],
    "D2": [(WHOLE, "test_a_clone_is_changed_and_pushed_whatever_its_settings_say")],
    "D3": [
        (WHOLE, "test_a_clone_is_changed_and_pushed_whatever_its_settings_say"),
        (WHOLE, "test_a_push_with_an_address_makes_the_branch_hold_just_its_files"),
    ],
    "D4": [
        (WHOLE, "test_a_push_with_an_address_makes_the_branch_hold_just_its_files"),
        (WHOLE, "test_a_clone_in_a_folder_is_pushed_from_there_and_without_a_change_nothing_is"),
    ],
    "D5": [
        (WHOLE, "test_a_clone_in_a_folder_is_pushed_from_there_and_without_a_change_nothing_is"),
    ],
    "D6": [(WHOLE, "test_a_push_with_an_address_makes_the_branch_hold_just_its_files")],
    "D7": [(WHOLE, "test_the_old_sync_brings_flows_and_files_to_its_own_namespace")],
    "D8": [(WHOLE, "test_the_old_sync_brings_flows_and_files_to_its_own_namespace")],
}


@pytest.mark.parametrize("point", SHOWN)
def test_what_is_asked_of_git_tasks_has_its_test(point):
    for file, name in SHOWN[point]:
        text = (HERE / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name}\b", text, re.MULTILINE), f"{file}::{name}"


def test_every_point_is_here():
    counts = {"G": 6, "C": 10, "P": 15, "S": 14, "N": 8, "D": 8}

    assert set(SHOWN) == {f"{kind}{n}" for kind, most in counts.items() for n in range(1, most + 1)}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("Clone", ""),
        ("Sync", ""),
        ("SyncFlows", ", targetNamespace: a"),
        ("SyncFlow", ", targetNamespace: a, flowPath: x.yml"),
        ("SyncNamespaceFiles", ""),
        ("SyncDashboards", ""),
        ("NamespaceSync", ", namespace: a, branch: main"),
        ("TenantSync", ", branch: main"),
    ],
)
def test_what_brings_a_repository_needs_its_address_when_the_flow_is_saved(kind, more):
    task = f"{{id: t, type: io.kestra.plugin.git.{kind}{more}}}"

    with pytest.raises(InvalidFlow) as refused:
        parse_flow(f"id: a\nnamespace: b\ntasks: [{task}]\n", default_registry())

    assert "`url` is required" in str(refused.value.violations)
