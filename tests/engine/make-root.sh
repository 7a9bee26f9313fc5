#!/bin/sh
# Fills ROOT with what the images of these tests hold: busybox, the lab's server as Chatalot's image has it, and
# PostgreSQL. Programs and libraries are this machine's own.
#
#   tests/engine/make-root.sh ROOT CHATALOT_SERVER
set -eu

root=$1
server=$2
busybox=$(command -v busybox)
postgres=$(find /usr/lib/postgresql -maxdepth 2 -name bin | sort -V | tail -n 1)
version=$(basename "$(dirname "$postgres")")
own_postgres=$root/usr/lib/postgresql/$version

mkdir -p "$root/bin" "$root/tmp" "$root/etc" "$root/app/static" "$root/app/data/files" "$own_postgres/bin" \
  "$own_postgres/lib" "$root/usr/share/postgresql" "$root/var/lib/postgresql/data" "$root/var/run/postgresql"

cp "$busybox" "$root/bin/busybox"
for name in sh sleep httpd nc env printf; do ln -s busybox "$root/bin/$name"; done

cp "$server" "$root/app/chatalot-server"
echo '<!doctype html><title>Chatalot</title>' > "$root/app/static/index.html"
echo '{"version":"0.23.0"}' > "$root/app/static/version.json"

for name in postgres initdb pg_isready; do
  cp "$postgres/$name" "$own_postgres/bin/"
  ln -s "/usr/lib/postgresql/$version/bin/$name" "$root/bin/$name"
done
cp "/usr/lib/postgresql/$version/lib/"*.so "$own_postgres/lib/"
rm -f "$own_postgres/lib/"llvmjit*
cp -r "/usr/share/postgresql/$version" "$root/usr/share/postgresql/"

ldd "$server" "$postgres/postgres" "$postgres/initdb" "$postgres/pg_isready" |
  sed -n 's/^[[:space:]]*\([^ ]* => \)\{0,1\}\(\/[^ ]*\) (.*/\2/p' | sort -u |
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done

cat > "$root/etc/passwd" <<'END'
root:x:0:0::/:/bin/sh
postgres:x:70:70::/tmp:/bin/sh
chatalot:x:999:999::/app:/bin/sh
END

# As the official image does: a superuser and a database by the environment when the volume is empty.
cat > "$root/bin/database" <<'END'
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
exec postgres -D $data -c listen_addresses='*' -c fsync=off -c shared_buffers=16MB
END

chmod -R go=rX,u=rwX "$root"
chmod 755 "$root/bin/database" "$root/app/chatalot-server"
chmod 1777 "$root/tmp"
# Docker gives a new volume the owner that its directory has in the image.
chown -R 999:999 "$root/app/data"
chown -R 70:70 "$root/var/lib/postgresql" "$root/var/run/postgresql"
chmod 700 "$root/var/lib/postgresql/data"
