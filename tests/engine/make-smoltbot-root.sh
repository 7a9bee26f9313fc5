#!/bin/sh
# Fills ROOT with what an image of smoltbot holds: the lab's programs in the place of the real ones, and busybox. The
# libraries are this machine's own.
#
#   tests/engine/make-smoltbot-root.sh ROOT NODE POSTGREST
set -eu

root=$1

mkdir -p "$root/bin" "$root/tmp" "$root/etc/ssl/certs" "$root/app/dist"
cp "$(command -v busybox)" "$root/bin/busybox"
for name in sh sleep env printf tail cat wget dd; do ln -s busybox "$root/bin/$name"; done

for program in "$2" "$3"; do
  cp "$program" "$root/bin/"
  ldd "$program" |
    sed -n 's/^[[:space:]]*\([^ ]* => \)\{0,1\}\(\/[^ ]*\) (.*/\2/p' | sort -u |
    while read -r library; do
      mkdir -p "$root$(dirname "$library")"
      cp -L "$library" "$root$library"
    done
done

echo '// the entry point of the runtime' > "$root/app/dist/entrypoint.js"
for module in gateway observer api; do echo '// bundled' > "$root/app/dist/$module-worker.js"; done
echo "import { check } from '@mnemom/agent-integrity-protocol';" > "$root/app/dist/unbundled-worker.js"
echo 'root:x:0:0::/:/bin/sh' > "$root/etc/passwd"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"

chmod -R go=rX,u=rwX "$root"
chmod 755 "$root/bin/node" "$root/bin/postgrest" "$root/bin/busybox"
chmod 1777 "$root/tmp"
