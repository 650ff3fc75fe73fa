#!/bin/sh
# Rebuilds the kernels that are committed beside their sources (Debian packages clang and lld; built with clang 14):
# ./build.sh [name…]. No C library, no optimizer but clang's own; -fno-builtin keeps copying loops what they are.
set -e
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls *.c | sed 's/\.c$//')
for name; do
  clang --target=wasm32 -O2 -std=c11 -nostdlib -ffreestanding -fno-builtin -Wall -Werror -Wno-unused-function \
    -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=65536 "$name.c" -o "$name.wasm"
done
