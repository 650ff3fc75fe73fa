// i64: FNV-1a 64 over bytes: one 64-bit multiply by a sparse constant per byte.
#include "kernel.h"
static u8 data[16384];
EXPORT(run) i32 run(i32 n) {
  seed_ = 7;
  for (u32 i = 0; i < sizeof data; i++) data[i] = (u8)next_u32();
  u64 h = 0xcbf29ce484222325ull;
  for (i32 round = 0; round < n; round++)
    for (u32 i = 0; i < sizeof data; i++) h = (h ^ data[i]) * 0x100000001b3ull;
  return fold(h);
}
