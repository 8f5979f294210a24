"""Holds a list of events of one class against the schema of its version; exit 77 if the validator is not installed."""
import json
import sys

try:
    import jsonschema
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
except ImportError as e:
    print("python3 has no ocsf-json-schema and jsonschema:", e)
    sys.exit(77)

events = json.load(open(sys.argv[2]))
schemas, failed = {}, False
for event in events:
    profiles = tuple(event["metadata"].get("profiles", []))
    key = (event["metadata"]["version"], profiles)
    if key not in schemas:
        source = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=key[0]))
        schemas[key] = jsonschema.Draft202012Validator(source.get_class_schema(sys.argv[1], list(profiles)))
    for e in sorted(schemas[key].iter_errors(event), key=lambda e: list(e.path))[:5]:
        failed = True
        print("/".join(map(str, e.path)), e.message[:300])
print(len(events), "events")
sys.exit(1 if failed or not events else 0)
