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
  const bytes: number[] = [];
  for (const character of text) {
    let code = character.codePointAt(0)!;
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f));
      bytes.push(0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    }
  }
  return Uint8Array.from(bytes);
}
