#!/bin/sh
# Fills ROOT with the servers of the lab's containers: PostgreSQL, Redis, nginx, Caddy, and busybox.
#
#   tests/engine/make-servers-root.sh ROOT SERVERS_TAR      (tests/support/get-servers.sh makes the latter)
set -eu

root=$1
servers=$2

mkdir -p "$root"
tar -xf "$servers" -C "$root"
mkdir -p "$root/tmp" "$root/run/postgresql" "$root/var/lib/postgresql/data" "$root/data" "$root/var/log/nginx" \
  "$root/var/lib/nginx" "$root/etc/nginx"
ln -sfn /run "$root/var/run"
for name in sh sleep nc env printf cat mkdir chmod tail; do ln -sf busybox "$root/usr/bin/$name"; done
version=$(ls "$root/usr/lib/postgresql")
for name in postgres initdb pg_isready psql; do
  ln -sf "/usr/lib/postgresql/$version/bin/$name" "$root/usr/bin/$name"
done

cat > "$root/etc/passwd" <<'END'
root:x:0:0::/:/bin/sh
www-data:x:33:33::/tmp:/bin/sh
postgres:x:70:70::/tmp:/bin/sh
END
cat > "$root/etc/group" <<'END'
root:x:0:
www-data:x:33:
postgres:x:70:
END
: > "$root/etc/nginx/mime.types"

# As the official image does: a superuser and a database by the environment when the volume is empty.
cat > "$root/usr/bin/database" <<'END'
#!/bin/sh
set -eu
data=/var/lib/postgresql/data
if [ ! -s $data/PG_VERSION ]; then
  printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password
  initdb -D $data -U "$POSTGRES_USER" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 \
    -E UTF8 --locale=C --no-sync --no-instructions
  printf 'host all all all scram-sha-256\n' >> $data/pg_hba.conf
  printf 'CREATE DATABASE "%s"\n' "$POSTGRES_DB" | postgres --single -D $data postgres
fi
exec postgres -D $data -c listen_addresses='*' -c fsync=off -c shared_buffers=16MB "$@"
END

chmod 755 "$root/usr/bin/database"
chmod 1777 "$root/tmp"
# Docker gives a new volume the owner that its directory has in the image.
chown -R 70:70 "$root/var/lib/postgresql" "$root/run/postgresql"
chmod 700 "$root/var/lib/postgresql/data"
