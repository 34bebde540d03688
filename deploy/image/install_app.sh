#!/bin/sh
# install_app.sh DENO SOURCE DEST: copies the program out of SOURCE, a clone, into DEST with the packages of
# the frozen lock file, and leaves out what no code of it reads. Prints what that comes to.
set -eu
deno=$1 source=$2 destination=$3
mkdir -p "$destination"
for name in deno.json deno.lock LICENSE protos src workers; do
  cp -R "$source/$name" "$destination/"
done
cd "$destination"
"$deno" install --frozen --quiet
before=$(du -sm node_modules | cut -f1)
# Type declarations, maps and texts; the builds of TensorFlow.js for browsers; the libraries of sharp for
# musl, where this image has glibc.
find node_modules/.deno -type f \
  \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.md' -o -name '*.min.js.html' \
  -o -name '*.tsbuildinfo' \) -delete
for package in node_modules/.deno/@tensorflow+*/node_modules/@tensorflow/*; do
  # Links to other packages stand beside the package itself.
  [ -L "$package" ] && continue
  case $package in
    */tfjs-node-gpu) find "$package" -mindepth 1 -maxdepth 1 ! -name dist ! -name package.json -exec rm -rf {} + ;;
    *) find "$package" -type f ! -name package.json ! -path '*/dist/tf*.node.js' -delete ;;
  esac
done
# Deno makes a package anew that has no such mark, so those stay.
find node_modules/.deno/@img+sharp*musl* node_modules/.deno/@types+* -type f ! -name .initialized -delete
# Deno notes how node_modules is set up, and once more at its first start. On a read-only root that start
# would try to for 15 seconds, and so would each after it.
"$deno" run -A --cached-only --no-check src/cli/main.ts help >/dev/null
# Some packages were published with files that only their maker may read.
chmod -R a+rX .
echo "packages: $before MB, of which $(du -sm node_modules | cut -f1) MB stay"
