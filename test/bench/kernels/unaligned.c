// memory: packed records: 16, 32, 64-bit and double fields at odd addresses.
#include "kernel.h"
typedef struct __attribute__((packed)) { u8 tag; u16 a; i32 b; f64 c; u64 d; f32 e; } Record; // 27 bytes
static Record records[2000];
EXPORT(run) f64 run(i32 n) {
  for (u32 i = 0; i < 2000; i++) records[i] = (Record){ (u8)i, (u16)(i * 13), (i32)(i * 7919), i * 0.5, i * 0x100000007ull, (f32)i };
  f64 sum = 0;
  u32 bits = 0;
  for (i32 round = 0; round < n; round++) {
    for (u32 i = 0; i < 2000; i++) {
      Record *r = &records[i];
      bits = bits * 5 + r->a + (u32)r->b + (u32)(r->d >> 3);
      sum = sum * 0.5 + r->c + r->e;
      r->b ^= (i32)bits;
      r->a += (u16)r->tag;
      r->c = r->c * 0.25 + 1;
      r->d += bits;
    }
  }
  return sum + bits;
}
