#!/bin/sh
# fetch_deno.sh DEST: puts Deno's own binary, out of its npm package, into DEST/deno. The package's `deno`
# command is a Node program that does not pass signals on.
set -eu
version=2.9.3
destination=$1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
npm install --prefix "$scratch" --no-save --no-audit --no-fund --loglevel=error "deno@$version"
mkdir -p "$destination"
for binary in "$scratch"/node_modules/@deno/*-glibc/deno; do
  install -m 755 "$binary" "$destination/deno"
done
"$destination/deno" --version | grep -q "^deno $version " || {
  echo "The binary is not Deno $version." >&2
  exit 1
}
