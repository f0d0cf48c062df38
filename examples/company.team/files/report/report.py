"""Counts the people of a few cities and hands the result to the flow.

A line between double colons on the standard output becomes outputs of the task.
"""

import json
from pathlib import Path

import humanize

PEOPLE = {"Lisbon": 545_796, "Porto": 231_800, "Braga": 193_324}

total = sum(PEOPLE.values())
print(f"{len(PEOPLE)} cities, {humanize.intcomma(total)} people")
Path("report.json").write_text(json.dumps(PEOPLE, indent=2), encoding="utf-8")
outputs = {"cities": list(PEOPLE), "people": humanize.intword(total)}
print("::" + json.dumps({"outputs": outputs}) + "::")
