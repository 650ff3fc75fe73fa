// strings: an open-addressing hash map from generated words to counts: byte hashing, comparing, copying.
#include "kernel.h"
#define SLOTS 16384
typedef struct { u32 hash, text, length, count; } Slot;
static Slot slots[SLOTS];
static u8 pool[1 << 18];
static u32 used;
static NOINLINE u32 hash(const u8 *s, u32 n) {
  u32 h = 2166136261u;
  for (u32 i = 0; i < n; i++) h = (h ^ s[i]) * 16777619u;
  return h;
}
static NOINLINE i32 same(const u8 *a, const u8 *b, u32 n) {
  for (u32 i = 0; i < n; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}
static NOINLINE Slot *find(const u8 *s, u32 n) {
  u32 h = hash(s, n);
  for (u32 i = h & (SLOTS - 1);; i = (i + 1) & (SLOTS - 1)) {
    Slot *slot = &slots[i];
    if (!slot->length) {
      slot->hash = h;
      slot->text = used;
      slot->length = n;
      for (u32 k = 0; k < n; k++) pool[used++] = s[k];
      return slot;
    }
    if (slot->hash == h && slot->length == n && same(pool + slot->text, s, n)) return slot;
  }
}
EXPORT(run) i32 run(i32 n) {
  u8 word[24];
  for (u32 i = 0; i < SLOTS; i++) slots[i] = (Slot){ 0, 0, 0, 0 };
  used = 0;
  seed_ = 1;
  u32 sum = 0;
  for (i32 i = 0; i < n; i++) {
    u32 r = next_u32() % 8000, length = 0;
    word[length++] = 'k';
    for (u32 k = r * 2654435761u; length < 6 + (r & 15); k = k * 5 + 1) word[length++] = (u8)('a' + (k >> 28));
    word[length++] = (u8)('0' + r % 10);
    Slot *slot = find(word, length);
    sum = sum * 31 + ++slot->count;
  }
  return (i32)(sum ^ used);
}
