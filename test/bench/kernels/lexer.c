// br_table: a character-class state machine that counts tokens of a small language in generated text.
#include "kernel.h"
#define SIZE 131072
static u8 text[SIZE];
static u32 counts[8];
static const char alphabet[] = "abcxyz_09 18.\"  +-*/=<>(){};\n\t#";
EXPORT(run) i32 run(i32 n) {
  seed_ = 4711;
  for (u32 i = 0; i < SIZE; i++) text[i] = alphabet[next_u32() % (sizeof alphabet - 1)];
  for (int i = 0; i < 8; i++) counts[i] = 0;
  u32 hash = 5381;
  for (i32 round = 0; round < n; round++) {
    u32 i = 0;
    while (i < SIZE) {
      u8 c = text[i++];
      switch (c) {
        case ' ': case '\t': counts[0]++; break;
        case '\n': counts[1]++; hash ^= i; break;
        case 'a': case 'b': case 'c': case 'x': case 'y': case 'z': case '_':
          while (i < SIZE && ((text[i] >= 'a' && text[i] <= 'z') || text[i] == '_' || (text[i] >= '0' && text[i] <= '9'))) {
            hash = hash * 33 + text[i];
            i++;
          }
          counts[2]++;
          break;
        case '0': case '1': case '8': case '9': {
          u32 value = c - '0';
          while (i < SIZE && text[i] >= '0' && text[i] <= '9') value = value * 10 + (text[i++] - '0');
          if (i < SIZE && text[i] == '.') i++;
          hash += value;
          counts[3]++;
          break;
        }
        case '"':
          while (i < SIZE && text[i] != '"' && text[i] != '\n') i++;
          i++;
          counts[4]++;
          break;
        case '#':
          while (i < SIZE && text[i] != '\n') i++;
          counts[5]++;
          break;
        case '<': case '>': case '=': case '+': case '-': case '*': case '/':
          if (i < SIZE && text[i] == '=') i++;
          hash = (hash << 5 | hash >> 27) ^ c;
          counts[6]++;
          break;
        default: counts[7]++;
      }
    }
  }
  for (int i = 0; i < 8; i++) hash = hash * 31 + counts[i];
  return (i32)hash;
}
