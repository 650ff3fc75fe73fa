// A measuring station: takes readings from its host and keeps all of them, compressed, in a log that grows until there is no memory
// left; sums them up from the log. No C library. Built (Debian packages clang and lld) by
//   clang --target=wasm32 -O2 -nostdlib -ffreestanding -Wall -Werror -Wl,--no-entry -Wl,--strip-all
//     -Wl,-z,stack-size=4096 -Wl,--initial-memory=65536 station.c -o station.wasm
typedef unsigned char u8;
typedef unsigned int u32;

#define IMPORT(name) __attribute__((import_module("env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))
#define PAGE 65536

IMPORT(reading) int reading(void);
IMPORT(print) void print(const char *text, u32 length);

extern u8 __heap_base;

static u8 *end;   // of the log, which begins at __heap_base
static u8 *limit; // of the memory
static int last;
static u32 kept;

static int grow(void) {
  if (__builtin_wasm_memory_grow(0, 1) == -1ul) return 0;
  limit += PAGE;
  return 1;
}

// A reading is the difference from the one before, small ones in one byte: seven bits each, the sign in the lowest.
static u32 zigzag(int n) { return ((u32)n << 1) ^ (u32)(n >> 31); }
static int unzigzag(u32 n) { return (int)(n >> 1) ^ -(int)(n & 1); }

static int append(int value) {
  if (limit - end < 5 && !grow()) return 0;
  u32 rest = zigzag((int)((u32)value - (u32)last));
  for (; rest >= 0x80; rest >>= 7) *end++ = (u8)(rest | 0x80);
  *end++ = (u8)rest;
  last = value;
  kept++;
  return 1;
}

/** Takes `count` readings, or fewer where the log is full; returns how many it has now. */
EXPORT(record) u32 record(u32 count) {
  if (end == 0) {
    end = &__heap_base;
    limit = (u8 *)(__builtin_wasm_memory_size(0) * PAGE);
  }
  while (count-- > 0 && append(reading())) {
  }
  return kept;
}

static u32 crc_table[256];

static u32 crc32(const u8 *at, const u8 *to) {
  for (u32 i = 0; i < 256; i++) {
    u32 c = i;
    for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    crc_table[i] = c;
  }
  u32 crc = ~0u;
  while (at < to) crc = crc_table[(crc ^ *at++) & 0xff] ^ (crc >> 8);
  return ~crc;
}

static char line[128];
static u32 length;

static void text(const char *s) {
  while (*s) line[length++] = *s++;
}
static void number(long long n, u32 base) {
  char digits[20];
  int count = 0;
  if (n < 0) text("-"), n = -n;
  do digits[count++] = "0123456789abcdef"[n % base];
  while ((n /= base) > 0);
  while (count > 0) line[length++] = digits[--count];
}

/** Reads the whole log and prints a line about it. */
EXPORT(summary) void summary(void) {
  const u8 *at = &__heap_base;
  int value = 0, least = 0x7fffffff, most = -least - 1;
  long long sum = 0;
  for (u32 i = 0; i < kept; i++) {
    u32 rest = 0, shift = 0;
    do rest |= (u32)(*at & 0x7f) << shift, shift += 7;
    while (*at++ & 0x80);
    value = (int)((u32)value + (u32)unzigzag(rest));
    if (value < least) least = value;
    if (value > most) most = value;
    sum += value;
  }
  length = 0;
  number(kept, 10), text(" readings in "), number(end - &__heap_base, 10), text(" bytes, from ");
  number(least, 10), text(" to "), number(most, 10), text(", sum "), number(sum, 10);
  text(", crc "), number(crc32(&__heap_base, end), 16);
  text(at == end && value == last ? "" : ": DAMAGED");
  print(line, length);
}
