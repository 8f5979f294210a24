"""Holds an event against the schema of its version; exit 77 if the validator is not installed."""
import json
import sys

try:
    import jsonschema
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
except ImportError as e:
    print("python3 has no ocsf-json-schema and jsonschema:", e)
    sys.exit(77)

event = json.load(open(sys.argv[1]))
source = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=event["metadata"]["version"]))
schema = source.get_class_schema("incident_finding", event["metadata"]["profiles"])
errors = sorted(jsonschema.Draft202012Validator(schema).iter_errors(event), key=lambda e: list(e.path))
for e in errors[:20]:
    print("/".join(map(str, e.path)), e.message[:300])
sys.exit(1 if errors else 0)
