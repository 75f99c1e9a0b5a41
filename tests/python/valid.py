"""Holds JSON files against JSON Schemas: schema and file, one pair after the other. Prints what is wrong."""

import json
import sys

from jsonschema import Draft202012Validator

wrong = 0
paths = iter(sys.argv[1:])
for schema, path in zip(paths, paths):
    with open(schema) as text:
        schema = json.load(text)
    Draft202012Validator.check_schema(schema)
    with open(path) as text:
        value = json.load(text)
    checker = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for error in checker.iter_errors(value):
        wrong += 1
        print(f"{path}: {error.json_path}: {error.message[:300]}")
sys.exit(1 if wrong else 0)
