#!/bin/sh
# Makes DEST/servers.tar: the servers of the lab's containers from Debian 13 (PostgreSQL 17, Redis, nginx, Caddy) with
# all that they need, as the root of a file system.
#
#   tests/support/get-servers.sh DEST
#
# The packages are taken from the newer suite without mixing suites, as get-compose.sh does, and only unpacked: no script
# of theirs runs, nothing is installed. Needs no root. Does nothing when the file is already there.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 DEST" >&2; exit 2; }
dest=$1
packages="postgresql-17 redis-server nginx-light caddy busybox-static libc-bin"
if [ -s "$dest/servers.tar" ]; then
  echo "$dest/servers.tar is already there"
  exit 0
fi

name=get-servers
. "$(dirname "$0")/debian.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
chmod 755 "$work" # apt's own user downloads into it
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/root"
: > "$work/status" # nothing is installed: everything that is needed is downloaded

cat > "$work/suite.sources" <<EOF
Types: deb
URIs: $base
Suites: trixie
Components: main
Signed-By: $keyring
EOF

apt() {
  apt-get -q -q -y \
    -o Dir::Etc::sourcelist="$work/suite.sources" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$work/lists" -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::AllowInsecureRepositories=false -o Debug::NoLocking=true "$@"
}

apt update
# shellcheck disable=SC2086 # a list of words
apt install --download-only --no-install-recommends $packages >/dev/null
for package in "$work"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/root" --no-same-owner \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
    --exclude='./usr/share/i18n/*' --exclude='./usr/lib/*/gconv/*' --exclude='./usr/lib/python3*' \
    --exclude='./usr/share/perl*' --exclude='./usr/lib/*/perl*' --exclude='./usr/lib/systemd/*' \
    --exclude='*/libLLVM*' --exclude='*/libz3*' --exclude='*llvmjit*' --exclude='*/libperl*' --exclude='./usr/bin/perl*' \
    2>/dev/null
done
for name in bin sbin lib lib64; do ln -sfn "usr/$name" "$work/root/$name"; done

mkdir -p "$dest"
tar -C "$work/root" -cf "$dest/servers.tar.new" .
mv "$dest/servers.tar.new" "$dest/servers.tar"
ls -l "$dest/servers.tar"
