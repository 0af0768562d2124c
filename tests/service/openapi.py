"""What of OpenAPI 3.1 and JSON Schema (2020-12) app/service/openapi.json uses: enough to hold every answer to it. A keyword
that is not known here is a failure, so that none is passed over."""
import re

ANNOTATIONS = {"description", "format", "title"}
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def is_type(value, name):
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


class Description:
    def __init__(self, document):
        self.document = document

    def resolve(self, node):
        while "$ref" in node:
            parts = node["$ref"].split("/")
            if parts[0] != "#":
                raise ValueError(f"{node['$ref']} is not in this file")
            node = self.document
            for name in parts[1:]:
                node = node[name]
        return node

    def faults(self, value, schema, at="$"):
        """Each way in which a value breaks its schema."""
        schema = self.resolve(schema)
        for keyword, wanted in schema.items():
            if keyword not in ANNOTATIONS:
                yield from getattr(self, "check_" + keyword)(value, wanted, schema, at)

    def check_type(self, value, wanted, _, at):
        names = wanted if isinstance(wanted, list) else [wanted]
        if not any(is_type(value, name) for name in names):
            yield f"{at}: {value!r} is no {wanted}"

    def check_enum(self, value, wanted, _, at):
        if value not in wanted:
            yield f"{at}: {value!r} is none of {wanted}"

    def check_const(self, value, wanted, _, at):
        if value != wanted:
            yield f"{at}: {value!r} is not {wanted}"

    def check_pattern(self, value, wanted, _, at):
        if isinstance(value, str) and not re.search(wanted, value):
            yield f"{at}: {value!r} does not match {wanted}"

    def check_minimum(self, value, wanted, _, at):
        if is_type(value, "number") and value < wanted:
            yield f"{at}: {value} is below {wanted}"

    def check_maximum(self, value, wanted, _, at):
        if is_type(value, "number") and value > wanted:
            yield f"{at}: {value} is above {wanted}"

    def check_minLength(self, value, wanted, _, at):
        if isinstance(value, str) and len(value) < wanted:
            yield f"{at}: {value!r} is too short"

    def check_maxLength(self, value, wanted, _, at):
        if isinstance(value, str) and len(value) > wanted:
            yield f"{at}: too long"

    def check_required(self, value, wanted, _, at):
        if isinstance(value, dict):
            yield from (f"{at}: {name} is missing" for name in wanted if name not in value)

    def check_properties(self, value, wanted, _, at):
        if isinstance(value, dict):
            for name, schema in wanted.items():
                if name in value:
                    yield from self.faults(value[name], schema, f"{at}.{name}")

    def check_additionalProperties(self, value, wanted, schema, at):
        if not isinstance(value, dict):
            return
        for name in value.keys() - schema.get("properties", {}).keys():
            if wanted is False:
                yield f"{at}: {name} is not described"
            elif isinstance(wanted, dict):
                yield from self.faults(value[name], wanted, f"{at}.{name}")

    def check_items(self, value, wanted, _, at):
        if isinstance(value, list):
            for i, item in enumerate(value):
                yield from self.faults(item, wanted, f"{at}[{i}]")

    def check_oneOf(self, value, wanted, _, at):
        fitting = [schema for schema in wanted if not list(self.faults(value, schema, at))]
        if len(fitting) != 1:
            yield f"{at}: {len(fitting)} of the {len(wanted)} alternatives fit {str(value)[:200]}"

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                yield path, method.upper(), operation

    def response(self, operation, status):
        """The description of an answer: of its status, or of its class."""
        responses = operation["responses"]
        found = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        return self.resolve(found) if found else None

    def answer_faults(self, path, method, answer):
        """An answer of the service against the description."""
        response = self.response(self.document["paths"][path][method.lower()], answer.status)
        if response is None:
            yield f"{method} {path}: {answer.status} is not described"
            return
        media = answer.headers.get("content-type", "").split(";")[0]
        content = response.get("content", {})
        if media not in content:
            yield f"{method} {path} {answer.status}: {media} is not described"
        elif media.endswith("json"):
            yield from (f"{method} {path} {answer.status} {fault}" for fault in self.faults(answer.json(),
                content[media]["schema"]))
