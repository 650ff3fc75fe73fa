// i64: printing 64-bit integers in decimal and reading them back: division and remainder by ten, signed compares.
#include "kernel.h"
static u8 text[32];
static NOINLINE u32 print(i64 value) {
  u64 v = value < 0 ? 0 - (u64)value : (u64)value;
  u32 n = 32;
  do {
    text[--n] = (u8)('0' + v % 10);
    v /= 10;
  } while (v);
  if (value < 0) text[--n] = '-';
  return n;
}
static NOINLINE i64 parse(u32 at) {
  i64 v = 0;
  u32 negative = text[at] == '-';
  for (at += negative; at < 32; at++) v = v * 10 + (text[at] - '0');
  return negative ? -v : v;
}
EXPORT(run) i32 run(i32 n) {
  u64 x = 88172645463325252ull, sum = 0;
  for (i32 i = 0; i < n; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    i64 value = (i64)x >> (i & 63);
    u32 at = print(value);
    if (parse(at) != value) return -1;
    sum = sum * 31 + text[at] + at;
  }
  return fold(sum);
}
