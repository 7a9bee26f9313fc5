#!/bin/sh
# Fills ROOT with what Chatalot's image holds: the lab's server in the place of the real one, and busybox. The libraries
# are this machine's own.
#
#   tests/engine/make-root.sh ROOT CHATALOT_SERVER
set -eu

root=$1
server=$2

mkdir -p "$root/bin" "$root/tmp" "$root/etc" "$root/app/static" "$root/app/data/files"
cp "$(command -v busybox)" "$root/bin/busybox"
for name in sh sleep httpd nc env printf tail cat; do ln -s busybox "$root/bin/$name"; done

cp "$server" "$root/app/chatalot-server"
echo '<!doctype html><title>Chatalot</title>' > "$root/app/static/index.html"
echo '{"version":"0.23.0"}' > "$root/app/static/version.json"

ldd "$server" |
  sed -n 's/^[[:space:]]*\([^ ]* => \)\{0,1\}\(\/[^ ]*\) (.*/\2/p' | sort -u |
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done

cat > "$root/etc/passwd" <<'END'
root:x:0:0::/:/bin/sh
chatalot:x:999:999::/app:/bin/sh
END

chmod -R go=rX,u=rwX "$root"
chmod 755 "$root/app/chatalot-server"
chmod 1777 "$root/tmp"
# Docker gives a new volume the owner that its directory has in the image.
chown -R 999:999 "$root/app/data"
