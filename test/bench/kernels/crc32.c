// i32: table-driven CRC-32, one byte at a time.
#include "kernel.h"
static u32 table[256];
static u8 data[65536];
EXPORT(run) i32 run(i32 n) {
  for (u32 i = 0; i < 256; i++) {
    u32 c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    table[i] = c;
  }
  seed_ = 12345;
  for (u32 i = 0; i < sizeof data; i++) data[i] = (u8)next_u32();
  u32 crc = 0xffffffffu;
  for (i32 round = 0; round < n; round++)
    for (u32 i = 0; i < sizeof data; i++) crc = table[(crc ^ data[i]) & 255] ^ (crc >> 8);
  return (i32)~crc;
}
