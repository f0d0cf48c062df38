"""Reads the cities beside this file, prints a table, hands the sum on to the flow."""

import csv
import json
from pathlib import Path

from tabulate import tabulate

with open(Path(__file__).with_name("cities.csv"), newline="") as file:
    cities = [(name, int(people)) for name, people in csv.reader(file)]

print(tabulate(cities, headers=["city", "people"]))
Path("people.json").write_text(json.dumps(dict(cities)))
outputs = {"cities": [name for name, _ in cities], "people": sum(n for _, n in cities)}
print("::" + json.dumps({"outputs": outputs}) + "::")
