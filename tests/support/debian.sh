# Read by get-compose.sh and get-servers.sh, which set `name`: sets `base` to the mirror of Debian's main archive that this
# machine's apt is set to, and `keyring` to Debian's keyring. Ends the script when there is none.

# From one-line lists and from deb822 files. Security suites live elsewhere.
mirror() {
  {
    sed -n 's/^deb[[:space:]]\{1,\}\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\)[[:space:]].*/\2/p' \
      /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null
    sed -n 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null
  } | sed 's|/*$||' | grep '/debian$' | head -n 1
}

base=$(mirror || true)
[ -n "$base" ] || { echo "$name: apt's sources name no mirror of Debian" >&2; exit 1; }

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || { echo "$name: $keyring is missing (package debian-archive-keyring)" >&2; exit 1; }
