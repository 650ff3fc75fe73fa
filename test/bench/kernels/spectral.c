// f64: spectral norm: integer to double conversion and division in an inner call.
#include "kernel.h"
#define SIZE 300
static f64 u[SIZE], v[SIZE], t[SIZE];
static inline f64 element(i32 i, i32 j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }
static NOINLINE void times(const f64 *in, f64 *out, i32 transposed) {
  for (i32 i = 0; i < SIZE; i++) {
    f64 sum = 0;
    for (i32 j = 0; j < SIZE; j++) sum += (transposed ? element(j, i) : element(i, j)) * in[j];
    out[i] = sum;
  }
}
EXPORT(run) f64 run(i32 n) {
  for (i32 i = 0; i < SIZE; i++) u[i] = 1;
  for (i32 i = 0; i < n; i++) {
    times(u, t, 0);
    times(t, v, 1);
    times(v, t, 0);
    times(t, u, 1);
  }
  f64 vbv = 0, vv = 0;
  for (i32 i = 0; i < SIZE; i++) {
    vbv += u[i] * v[i];
    vv += v[i] * v[i];
  }
  return __builtin_sqrt(vbv / vv);
}
