#!/bin/sh
# install_app.sh DENO SOURCE DEST: copies the program out of SOURCE, a clone, into DEST with the packages of
# the frozen lock file, and leaves out what no code of it reads. Prints what that comes to.
set -eu
deno=$1 source=$2 destination=$3
mkdir -p "$destination"
for name in deno.json deno.lock LICENSE models protos src workers; do
  cp -R "$source/$name" "$destination/"
done
cd "$destination"
"$deno" install --frozen --quiet
# Deno links files from its cache; what is changed here must be copies.
cp -R node_modules copied_modules
rm -rf node_modules
mv copied_modules node_modules
before=$(du -sm node_modules | cut -f1)
# Packages whose code the program loads. All others are left out: what TensorFlow.js's packages need to
# build their addon, to fetch over HTTP and for browsers (tar, adm-zip, node-pre-gyp, node-fetch, …), and what
# tests need. tests/deploy compares the list with the imports of deno.json.
kept=" @expo-google-fonts+inter @grpc+grpc-js @grpc+proto-loader @js-sdsl+ordered-map @opentelemetry+api
 @bufbuild+protobuf @connectrpc+connect @connectrpc+connect-node bintrees detect-libc esbuild @esbuild+linux-x64 fflate google-protobuf imagescript lodash.camelcase long pend pg pg-connection-string pg-int8 pg-pool pg-protocol pg-types pgpass postgres-array postgres-bytea
 postgres-date postgres-interval preact prom-client split2 xtend
 protobufjs safe-buffer seedrandom semver sharp string_decoder tdigest tslib uplot yauzl "
left_out=$(for package in node_modules/.deno/*@*; do
  name=$(basename "$package")
  case $name in @img+* | @protobufjs+* | @tensorflow+*) continue ;; esac
  case $(echo "$kept" | tr '\n' ' ') in *" ${name%@*} "*) continue ;; esac
  echo "$package"
done)
manifests() {
  find "$1/node_modules" -mindepth 2 -maxdepth 3 -type f -name package.json
}
# Deno makes a package anew that lacks its mark, and asks the registry about one whose package.json says
# nothing of its programs and scripts. Names and versions go, so that scanners find no code where none is.
for package in $left_out; do manifests "$package"; done | "$deno" eval --quiet '
  for (const path of (await new Response(Deno.stdin.readable).text()).split("\n")) {
    if (path === "") continue;
    const { bin, scripts } = JSON.parse(Deno.readTextFileSync(path));
    Deno.writeTextFileSync(path, JSON.stringify({ bin: bin && {}, scripts }) + "\n");
  }'
for package in $left_out; do
  keep=" $(echo $(manifests "$package")) "
  find "$package" -mindepth 1 ! -type d | while read -r file; do
    case $keep in *" $file "*) continue ;; esac
    [ "$file" = "$package/.initialized" ] || rm "$file"
  done
  find "$package" -mindepth 1 -depth -type d -empty -delete
done
# Links to the programs of those packages.
find node_modules/.bin -xtype l -delete
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
find node_modules/.deno/@img+sharp*musl* -type f ! -name .initialized -delete
# Deno notes how node_modules is set up, and once more at the first start that loads packages. On a read-only
# root that start would try to for 15 seconds, and so would each after it.
"$deno" run -A --cached-only --no-check src/cli/main.ts serve --help >/dev/null
# Some packages were published with files that only their maker may read.
chmod -R a+rX .
echo "packages: $before MB, of which $(du -sm node_modules | cut -f1) MB stay"
