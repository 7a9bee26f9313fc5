#!/bin/sh
# Whether the newest backup is younger than a day. A plugin for doctor in POSIX shell: docs/plugins.md.
# BACKUPS is where they lie, from the deployment's directory on.
set -eu
BACKUPS=backups

case "${1:-}" in
describe)
  cat <<'JSON'
{"schema": "doctor-plugin/v1", "id": "backup-age", "title": "There is no fresh backup",
 "healthy": "the newest backup is younger than a day", "codes": ["none", "old"]}
JSON
  ;;
run)
  # What doctor knows of the deployment is on standard input; this plugin is started in its directory and needs no more.
  if [ ! -d "$BACKUPS" ] || [ -z "$(find "$BACKUPS" -type f | head -n 1)" ]; then
    cat <<'JSON'
{"schema": "doctor-plugin/v1", "findings": [{"code": "none", "severity": "error",
 "title": "There is no backup", "cause": "The directory `backups` holds no file.",
 "fix": [{"text": "Make one:", "command": "mkdir -p backups && docker compose exec -T postgres pg_dumpall -U postgres > backups/all.sql"}],
 "verify": "doctor check --only plugin:backup-age"}]}
JSON
  elif [ -z "$(find "$BACKUPS" -type f -mtime -1 | head -n 1)" ]; then
    cat <<'JSON'
{"schema": "doctor-plugin/v1", "findings": [{"code": "old", "severity": "warning",
 "title": "The newest backup is older than a day", "cause": "Whatever makes the backups has not done so since.",
 "evidence": [{"name": "directory", "value": "backups", "source": "file times"}]}]}
JSON
  else
    printf '{"schema": "doctor-plugin/v1", "healthy": [{"subject": "plugin:backup-age", "figure": "%s files"}]}\n' \
      "$(find "$BACKUPS" -type f | wc -l | tr -d ' ')"
  fi
  ;;
*)
  echo "usage: $0 describe|run" >&2
  exit 2
  ;;
esac
