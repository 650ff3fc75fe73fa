// strings: edit distance of two strings by rows: the least of three, of 16-bit unsigned integers.
#include "kernel.h"
#define LENGTH 1024
static u8 a[LENGTH], b[LENGTH];
static u16 row[LENGTH + 1];
static u32 least(u32 x, u32 y) { return x < y ? x : y; }
EXPORT(run) i32 run(i32 n) {
  u32 sum = 0;
  for (i32 round = 0; round < n; round++) {
    seed_ = round + 5;
    for (i32 i = 0; i < LENGTH; i++) {
      a[i] = next_u32() >> 7 & 7;
      b[i] = next_u32() >> 7 & 7;
    }
    for (i32 j = 0; j <= LENGTH; j++) row[j] = j;
    for (i32 i = 1; i <= LENGTH; i++) {
      u32 diagonal = row[0];
      row[0] = i;
      for (i32 j = 1; j <= LENGTH; j++) {
        u32 above = row[j];
        row[j] = least(least(above, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
        diagonal = above;
      }
    }
    sum = sum * 31 + row[LENGTH];
  }
  return (i32)sum;
}
