"""Runs the checks of the real `kestrapy`, which must be there: `python sdk HOST USER PASSWORD`.

Prints as JSON what went wrong in each check (null: nothing), the methods that answered in each,
and every public method that the package has.
"""

import importlib
import json
import sys
import traceback

import ground

ROOMS = sys.argv[4:] or [
    "flow_checks", "execution_checks", "bulk_checks", "trigger_checks", "room_checks",
    "access_checks", "instance_checks",
]  # fmt: skip


def outcome(check):
    ground.called.clear()
    ground.told.clear()
    try:
        check()
    except Exception:
        return traceback.format_exc(limit=-4)
    return None


def main():
    wrong, called, told = {}, {}, {}
    for room in ROOMS:
        for name, check in list(vars(importlib.import_module(room)).items()):
            if name.startswith("check_"):
                wrong[name] = outcome(check)
                called[name], told[name] = sorted(ground.called), sorted(ground.told)
    found = {"wrong": wrong, "called": called, "told": told, "methods": ground.methods}
    json.dump(found, sys.stdout)


main()
