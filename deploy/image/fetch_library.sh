#!/bin/sh
# fetch_library.sh DENO APP DEST VARIANT: puts the TensorFlow library into DEST, checked against the hashes
# in the program's source. VARIANT is cpu or gpu. Needs pip and strip. Prints what it comes to.
set -eu
deno=$1 app=$2 destination=$3 variant=$4
case $variant in
  cpu) options= ;;
  gpu) options=--gpu ;;
  *)
    echo "The variant is cpu or gpu, not $variant." >&2
    exit 2
    ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$app"
# shellcheck disable=SC2086 # $options is one word or none
"$deno" run -A --cached-only src/cli/main.ts setup --cache "$scratch" $options
mkdir -p "$destination"
cp -a "$scratch"/tensorflow-*/. "$destination/"
rm -f "$destination/install.json"
# What the wheels bring and the library never opens: cuSOLVER for several GPUs, NVRTC for old
# processors, the profiler's access to counters.
rm -f "$destination"/nvidia/cusolver/lib/libcusolverMg.so.* \
  "$destination"/nvidia/cuda_nvrtc/lib/libnvrtc*.alt.so.* \
  "$destination"/nvidia/cuda_cupti/lib/libnvperf_*.so
before=$(du -sm "$destination" | cut -f1)
# The names of functions inside the library, for debuggers: nothing looks them up at run time.
find "$destination" -name 'libtensorflow*.so*' -type f -exec strip --strip-unneeded {} +
echo "library: $before MB, of which $(du -sm "$destination" | cut -f1) MB stay"
