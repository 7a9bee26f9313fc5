#!/bin/sh
# The one-shot migration runner that smoltbot's stack had until February 2026, as its users know it from its log: files
# in the order of their names, each in one transaction with its row in the table, and an end at the first error. What
# psql says of a connection that fails is thrown away, as it was there.
set -u

directory=${MIGRATIONS_DIR:-/app/database/migrations}
attempts=${LAB_ATTEMPTS:-15}

now() { busybox date -u +%Y-%m-%dT%H:%M:%SZ; }
info() { printf '[migrate] %s INFO  %s\n' "$(now)" "$1"; }
warn() { printf '[migrate] %s WARN  %s\n' "$(now)" "$1" >&2; }
error() { printf '[migrate] %s ERROR %s\n' "$(now)" "$1" >&2; }
query() { psql "$POSTGRES_URL" -X -qAt -v ON_ERROR_STOP=1 "$@"; }

info '=== smoltbot migration runner ==='
count=$(ls "$directory" | busybox grep -c '\.sql$')
info "Found $count migration file(s)."

info 'Waiting for database to be reachable...'
attempt=1
while ! query -c 'SELECT 1' > /dev/null 2>&1; do
  if [ "$attempt" -ge "$attempts" ]; then
    error 'Database is not reachable after 30s. Aborting.'
    exit 1
  fi
  warn "Attempt $attempt/$attempts — database not ready, retrying in 2s..."
  attempt=$((attempt + 1))
  sleep 2
done
info 'Database is reachable.'

info 'Ensuring _schema_migrations exists...'
query -c 'CREATE TABLE IF NOT EXISTS _schema_migrations (filename text PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now())' || exit 1

applied=0
skipped=0
for file in $(ls "$directory" | busybox grep '\.sql$'); do
  if [ -n "$(query -c "SELECT 1 FROM _schema_migrations WHERE filename = '$file'")" ]; then
    info "SKIP  $file (already applied)"
    skipped=$((skipped + 1))
    continue
  fi
  info "APPLY $file..."
  copy=$(busybox mktemp /tmp/tmp.XXXXXX)
  {
    printf 'BEGIN;\n'
    cat "$directory/$file"
    printf "INSERT INTO _schema_migrations (filename) VALUES ('%s');\nCOMMIT;\n" "$file"
  } > "$copy"
  if query -f "$copy"; then
    info "OK    $file"
    applied=$((applied + 1))
  else
    error "FAIL  $file"
    error 'Migration failed. Stopping.'
    info "Summary: $applied applied, $skipped skipped, 1 failed."
    exit 1
  fi
done
info "Summary: $applied applied, $skipped skipped, 0 failed."
info '=== Migration complete ==='
