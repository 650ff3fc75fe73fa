// UTF-8, both ways, for hosts without TextDecoder as well (embedded engines have none).

/** The string that the bytes encode, or undefined where they are not UTF-8 (overlong forms and surrogates included). */
export function utf8String(bytes: Uint8Array): string | undefined {
  return decode(bytes, undefined);
}

/** The string that the bytes encode; each maximal part that is not UTF-8 becomes U+FFFD, as with TextDecoder. */
export function utf8Text(bytes: Uint8Array): string {
  return decode(bytes, "\ufffd")!;
}

function decode(bytes: Uint8Array, replacement: string | undefined): string | undefined {
  let text = "";
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i++]!;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    let more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    const begins = first >= 0xc2 && first <= 0xf4;
    // The range of the second byte excludes overlong forms, surrogates and what lies above U+10FFFF.
    let least = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    let most = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    let code = first & (0x3f >> more);
    for (; begins && more > 0 && bytes[i]! >= least && bytes[i]! <= most; i++, more--) {
      code = (code << 6) | (bytes[i]! & 0x3f);
      least = 0x80;
      most = 0xbf;
    }
    if (!begins || more > 0) {
      if (replacement === undefined) return undefined;
      text += replacement;
    } else if (code >= 0x10000) {
      code -= 0x10000;
      text += String.fromCharCode(0xd800 + (code >> 10), 0xdc00 + (code & 0x3ff));
    } else text += String.fromCharCode(code);
  }
  return text;
}

/** Encodes; a lone surrogate, which no Wasm name can hold, becomes U+FFFD. */
export function utf8Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  utf8Into(text, bytes);
  return bytes;
}

/** Bytes that the encoded text takes. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) length += 1 + continuations(character.codePointAt(0)!);
  return length;
}

/** Encodes to `target`, which has room for it. */
export function utf8Into(text: string, target: Uint8Array): void {
  let at = 0;
  for (const character of text) {
    let code = character.codePointAt(0)!;
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    let more = continuations(code);
    target[at++] = LEADS[more]! | (code >> (6 * more));
    while (more-- > 0) target[at++] = 0x80 | ((code >> (6 * more)) & 0x3f);
  }
}

const LEADS = [0, 0xc0, 0xe0, 0xf0];

function continuations(code: number): number {
  return code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
}
