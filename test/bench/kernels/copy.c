// memory: copying loops by byte, by 32-bit word, by 64-bit word, and backwards (no memory.copy).
#include "kernel.h"
#define SIZE 32768
static u8 a[SIZE + 64], b[SIZE + 64];
static NOINLINE void copy8(u8 *to, const u8 *from, u32 n) { for (u32 i = 0; i < n; i++) to[i] = from[i]; }
static NOINLINE void copy32(u32 *to, const u32 *from, u32 n) { for (u32 i = 0; i < n; i++) to[i] = from[i]; }
static NOINLINE void copy64(u64 *to, const u64 *from, u32 n) { for (u32 i = 0; i < n; i++) to[i] = from[i]; }
static NOINLINE void back8(u8 *to, const u8 *from, u32 n) { while (n--) to[n] = from[n]; }
EXPORT(run) i32 run(i32 n) {
  for (u32 i = 0; i < SIZE; i++) a[i] = (u8)(i * 7 + (i >> 8));
  u32 sum = 0;
  for (i32 i = 0; i < n; i++) {
    copy8(b, a, SIZE);
    b[i & (SIZE - 1)] ^= (u8)i;
    copy32((u32 *)(a + 8), (u32 *)b, SIZE / 4);
    copy64((u64 *)b, (u64 *)(a + 8), SIZE / 8);
    back8(a + 3, b, SIZE);
    sum = sum * 31 + a[(i * 97) & (SIZE - 1)];
  }
  for (u32 i = 0; i < SIZE; i++) sum = sum * 33 + a[i];
  return (i32)sum;
}
