#!/bin/sh
# Installs the `docker-compose` program (Compose v2, 2.26.1 of Debian 13) as DEST/docker-compose.
#
#   tests/support/get-compose.sh DEST
#
# Debian 12 ships Compose v1, which reads other files than v2 does. The one package is taken from the newer suite
# without mixing suites: a sources list, lists and a cache of its own, in a temporary directory. The mirror is the one
# that this machine's apt is set to; the archive's signature is checked against Debian's keyring. Needs no root.
# Does nothing when the program is already there.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 DEST" >&2; exit 2; }
dest=$1
if [ -x "$dest/docker-compose" ] && "$dest/docker-compose" version >/dev/null 2>&1; then
  echo "$dest/docker-compose is already there"
  exit 0
fi

name=get-compose
. "$(dirname "$0")/debian.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
chmod 755 "$work" # apt's own user downloads into it
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/download"

cat > "$work/suite.sources" <<EOF
Types: deb
URIs: $base
Suites: trixie
Components: main
Signed-By: $keyring
EOF

apt() {
  apt-get -q -q \
    -o Dir::Etc::sourcelist="$work/suite.sources" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
    -o APT::Sandbox::User="$(id -un)" -o Acquire::AllowInsecureRepositories=false "$@"
}

apt update
(cd "$work/download" && apt download docker-compose)
dpkg -x "$work"/download/docker-compose_*.deb "$work/root"

mkdir -p "$dest"
install -m 755 "$work/root/usr/libexec/docker/cli-plugins/docker-compose" "$dest/docker-compose.new"
mv "$dest/docker-compose.new" "$dest/docker-compose"
"$dest/docker-compose" version
