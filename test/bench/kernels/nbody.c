// f64: five bodies under gravity: square root, division, loads and stores of doubles.
#include "kernel.h"
typedef struct { f64 x, y, z, vx, vy, vz, mass; } Body;
static Body bodies[5];
EXPORT(run) f64 run(i32 n) {
  for (i32 i = 0; i < 5; i++) bodies[i] = (Body){ i * 1.7 - 3, i * i * 0.9 - 2, 0.3 * i, 0.1 * (2 - i), 0.05 * i, 0.02, i ? 0.01 * i : 39.5 };
  for (i32 step = 0; step < n; step++) {
    for (i32 i = 0; i < 5; i++) {
      Body *a = &bodies[i];
      for (i32 j = i + 1; j < 5; j++) {
        Body *b = &bodies[j];
        f64 dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z, d2 = dx * dx + dy * dy + dz * dz + 0.01;
        f64 mag = 0.001 / (d2 * __builtin_sqrt(d2));
        a->vx -= dx * b->mass * mag;
        a->vy -= dy * b->mass * mag;
        a->vz -= dz * b->mass * mag;
        b->vx += dx * a->mass * mag;
        b->vy += dy * a->mass * mag;
        b->vz += dz * a->mass * mag;
      }
    }
    for (i32 i = 0; i < 5; i++) {
      bodies[i].x += 0.001 * bodies[i].vx;
      bodies[i].y += 0.001 * bodies[i].vy;
      bodies[i].z += 0.001 * bodies[i].vz;
    }
  }
  f64 sum = 0;
  for (i32 i = 0; i < 5; i++) sum += bodies[i].x * (i + 1) + bodies[i].y - bodies[i].vz;
  return sum;
}
