#!/bin/sh
# The kernels on NEON (clang-19 and gcc for arm64, run by qemu) and on AVX2 here: the same bits in every case of neon_kernels.c.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
flags="-std=c11 -O2 -Wall -Wextra -Wpedantic -Werror -I$root"
cc $flags "$root/tests/neon_kernels.c" "$root/kernels/isa/avx2.c" -o "$work/avx2"
"$work/avx2" > "$work/avx2.txt"
built=0
for compiler in "clang-19 --target=aarch64-linux-gnu -fuse-ld=lld" aarch64-linux-gnu-gcc; do
  command -v "${compiler%% *}" > /dev/null || continue
  $compiler $flags -static "$root/tests/neon_kernels.c" "$root/kernels/isa/neon.c" -o "$work/neon"
  qemu-aarch64 "$work/neon" > "$work/neon.txt"
  if ! cmp -s "$work/avx2.txt" "$work/neon.txt"; then
    echo "neon.sh: ${compiler%% *}: other bits than AVX2 in these cases:"
    diff "$work/avx2.txt" "$work/neon.txt" | grep '^[<>]' | head -20
    exit 1
  fi
  echo "neon.sh: ${compiler%% *}: $(wc -l < "$work/neon.txt") cases, the same bits as AVX2"
  built=1
done
[ $built = 1 ] || { echo "neon.sh: no compiler for arm64 here"; exit 1; }
