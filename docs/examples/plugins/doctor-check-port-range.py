#!/usr/bin/env python3
"""Whether services listen below port 1024 without need. A plugin for doctor in Python: docs/plugins.md.

It shows how what doctor knows is used: settings that are no secret come with their subject, so that the finding stands
at the right place of the report.
"""
import json
import sys

SCHEMA = "doctor-plugin/v1"


def describe():
    return {
        "schema": SCHEMA,
        "id": "port-range",
        "title": "A service listens on a privileged port",
        "healthy": "no setting asks for a port below 1024",
        "codes": ["privileged"],
        "reads": ["listen-address"],
    }


def port_of(setting):
    """The number behind the last colon of a setting that is called like a port; None for others."""
    name, value = setting["name"], setting["value"]
    if value is None or not (name.endswith("PORT") or name.endswith("ADDR")):
        return None
    digits = value.rsplit(":", 1)[-1]
    return int(digits) if digits.isascii() and digits.isdigit() else None


def finding(setting, port):
    return {
        "code": "privileged",
        "severity": "warning",
        "subject": setting["subject"],
        "title": f"{setting['name']} asks for port {port}",
        "cause": "Only root may listen below 1024, and the container maps the port anyway.",
        "fix": [{"text": f"Choose a port from 1024 on for {setting['name']}."}],
        "evidence": [{"name": "port", "value": str(port), "source": setting["name"]}],
    }


def run(deployment):
    ports = [(setting, port_of(setting)) for setting in deployment["settings"]]
    known = [(setting, port) for setting, port in ports if port is not None]
    return {
        "schema": SCHEMA,
        "findings": [finding(setting, port) for setting, port in known if 0 < port < 1024],
        "healthy": [
            {"subject": setting["subject"], "figure": f"port {port}"} for setting, port in known if port >= 1024
        ]
        or [{"figure": f"{len(known)} ports"}],
    }


def main():
    verb = sys.argv[1] if len(sys.argv) > 1 else ""
    if verb == "describe":
        answer = describe()
    elif verb == "run":
        answer = run(json.load(sys.stdin)["deployment"])
    else:
        sys.exit(f"usage: {sys.argv[0]} describe|run")
    json.dump(answer, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
