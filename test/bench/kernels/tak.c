// calls: Takeuchi's function and Ackermann's, three and two parameters, deep recursion.
#include "kernel.h"
static NOINLINE i32 tak(i32 x, i32 y, i32 z) { return y < x ? tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) : z; }
static NOINLINE i32 ackermann(i32 m, i32 n) { return m == 0 ? n + 1 : ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1)); }
EXPORT(run) i32 run(i32 n) {
  i32 sum = 0;
  for (i32 i = 0; i < n; i++) sum += tak(16, 10 + (i & 1), 4) * 31 + ackermann(2, 160 + (i & 7));
  return sum;
}
