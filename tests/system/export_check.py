# SPDX-License-Identifier: GPL-2.0-only
"""What the exports of a trace must be to those who read them: export_check.py FORMAT FILE [MORE]

MORE: json the schema, dot what graphviz made of it (-Tjson), junit and history what they must hold.
"""
import collections
import json
import re
import sys


def check_json(path, schema):
    import jsonschema

    validator = jsonschema.Draft7Validator(json.load(open(schema)))
    kinds = collections.Counter()
    for number, line in enumerate(open(path), 1):
        record = json.loads(line)
        error = jsonschema.exceptions.best_match(validator.iter_errors(record))
        assert not error, f"line {number}: {error}"
        kinds[record["kind"]] += 1
    assert kinds["meta"] == kinds["ledger"] == 1 and kinds["send"] > 50, kinds
    # a schema that lets anything pass would show nothing
    record["whole"] = "yes"
    assert not validator.is_valid(record)


def reaches(edges, start, ends):
    seen, todo = {start}, [start]
    while todo:
        for head in edges[todo.pop()] - seen:
            seen.add(head)
            todo.append(head)
    return seen & ends


def check_dot(path, drawn):
    graph = json.load(open(drawn))
    labels = {node["_gvid"]: node["label"] for node in graph["objects"]}
    assert len(labels) == len(re.findall(r"^\tm\d+ \[", open(path).read(), re.M)), "nodes are missing"
    edges = collections.defaultdict(set)
    for edge in graph["edges"]:
        edges[edge["tail"]].add(edge["head"])
    write = [i for i, label in labels.items() if label.startswith("client>redis1:6379\\nSET ")]
    copy = {i for i, label in labels.items() if label.startswith("redis1>redis3:6379\\nSET ")}
    read = {i for i, label in labels.items() if re.match(r"redis3>client:6379\\nvalue_", label)}
    assert len(write) == 1 and reaches(edges, write[0], copy), "the write does not lead to the replica"
    assert read and reaches(edges, list(copy)[0], read), "the replica's copy does not lead to the read"
    assert not reaches(edges, list(read)[0], set(write)), "the read leads to the write"


def check_perfetto(path):
    trace = json.load(open(path))
    events = trace["traceEvents"]
    names = {e["pid"]: e["args"]["name"] for e in events if e["ph"] == "M" and e["name"] == "process_name"}
    slices, flows = collections.defaultdict(list), collections.defaultdict(dict)
    for event in events:
        assert event["ph"] in "MXsfi" and event["pid"] in names, event
        if event["ph"] == "M":
            continue
        assert event["ts"] >= 0, event
        if event["ph"] == "X":
            assert event["dur"] > 0, event
            slices[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
        elif event["ph"] in "sf":
            flows[event["id"]][event["ph"]] = event
    for track, spans in slices.items():
        spans.sort()
        for (_, end), (begin, _) in zip(spans, spans[1:]):
            assert begin >= end - 1e-6, f"slices overlap on {names[track[0]]}: {begin} {end}"
    for flow in flows.values():
        assert set(flow) == {"s", "f"} and flow["s"]["ts"] <= flow["f"]["ts"], flow
        assert flow["f"]["bp"] == "e"
        for end in flow.values():
            begins = [begin for begin, _ in slices[end["pid"], end["tid"]]]
            assert any(abs(begin - end["ts"]) < 1e-6 for begin in begins), "an arrow begins at no slice"
    assert len(flows) > 100 and {"redis1", "client", "run"} <= set(names.values())
    assert {"workload", "check"} <= {e["name"] for e in events if e.get("cat") == "phase"}


def check_otlp(path):
    spans, services = {}, set()
    for node in json.load(open(path))["resourceSpans"]:
        services |= {a["value"]["stringValue"] for a in node["resource"]["attributes"]
                     if a["key"] == "service.name"}
        for scope in node["scopeSpans"]:
            for span in scope["spans"]:
                assert re.fullmatch("[0-9a-f]{32}", span["traceId"]) and int(span["traceId"], 16)
                assert re.fullmatch("[0-9a-f]{16}", span["spanId"]) and int(span["spanId"], 16)
                assert span["spanId"] not in spans, "a span's number is there twice"
                assert int(span["endTimeUnixNano"]) >= int(span["startTimeUnixNano"]) > 1.7e18
                assert 0 <= span["kind"] <= 5 and span.get("status", {}).get("code", 0) in (0, 1, 2)
                for attribute in span["attributes"]:
                    assert len(attribute["value"]) == 1, attribute
                spans[span["spanId"]] = span
    linked = 0
    for span in spans.values():
        parent = span.get("parentSpanId")
        assert not parent or spans[parent]["traceId"] == span["traceId"], "a parent in another trace"
        for link in span["links"]:
            assert spans[link["spanId"]]["traceId"] == link["traceId"], "a link to nothing"
            linked += 1
    assert {"redis1", "client"} <= services and linked and len(spans) > 100
    assert any(span.get("parentSpanId") for span in spans.values())


def check_prov(path):
    import prov.model as model

    document = model.ProvDocument.deserialize(path, format="json")
    count = collections.Counter(type(record).__name__ for record in document.get_records())
    for name in ("Entity", "Activity", "Agent", "Generation", "Usage", "Derivation", "Association"):
        assert count["Prov" + name], f"no {name}: {count}"
    assert count["ProvGeneration"] == count["ProvEntity"]
    entities = {record.identifier for record in document.get_records(model.ProvEntity)}
    for record in document.get_records(model.ProvDerivation):
        assert {value for _, value in record.formal_attributes[:2]} <= entities, record


def check_junit(path, want):
    import junitparser

    cases = [case for suite in junitparser.JUnitXml.fromfile(path) for case in suite]
    got = collections.Counter(type(case.result[0]).__name__ if case.result else "Passed" for case in cases)
    assert dict(got) == json.loads(want), dict(got)
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        if case.result and isinstance(case.result[0], junitparser.Failure):
            assert "in 3 of 3 runs" in case.result[0].message and "silence:redis1@check.0" in case.name


def check_history(path, want):
    """What Clojure read, a JSON object a line: operations pair up, faults are told twice each time."""
    ops = [json.loads(line) for line in open(path)]
    assert [op["index"] for op in ops] == list(range(len(ops)))
    assert all(x["time"] <= y["time"] for x, y in zip(ops, ops[1:]))
    client = [(op["f"], op["type"]) for op in ops if op["process"] == "0"]
    assert client == [("workload", "invoke"), ("workload", "ok"), ("check", "invoke"), ("check", "fail")], client
    told = [(op["f"], op["value"]) for op in ops if op["process"] == "nemesis"]
    assert told[::2] == told[1::2], told
    assert sorted(told[::2]) == sorted((f, fault) for f in ("start", "stop") for fault in json.loads(want)), told


if __name__ == "__main__":
    globals()["check_" + sys.argv[1]](*sys.argv[2:])
