// f64: dense matrix product, i-k-j order.
#include "kernel.h"
#define SIZE 128
static f64 a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];
EXPORT(run) f64 run(i32 n) {
  for (i32 i = 0; i < SIZE; i++)
    for (i32 j = 0; j < SIZE; j++) {
      a[i][j] = (i * 3 + j * 7) % 17 * 0.25;
      b[i][j] = (i * 5 + j) % 13 * 0.5 - 2;
      c[i][j] = 0;
    }
  for (i32 round = 0; round < n; round++)
    for (i32 i = 0; i < SIZE; i++)
      for (i32 k = 0; k < SIZE; k++) {
        f64 v = a[i][k];
        for (i32 j = 0; j < SIZE; j++) c[i][j] += v * b[k][j];
      }
  f64 sum = 0;
  for (i32 i = 0; i < SIZE; i++) sum += c[i][i] + c[i][SIZE - 1 - i] * 0.5;
  return sum;
}
