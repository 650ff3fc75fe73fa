// Numbers as the faces of the report write them. Without Intl, which small engines do not have.

/** `70,412` */
export function grouped(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `12.3 %`; 100 % and 0 % are exact. */
export function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "0 %";
  if (part === whole) return "100 %";
  const text = Math.min(99.9, Math.max(0.1, (100 * part) / whole)).toFixed(1);
  return `${text} %`;
}

/** `256 KiB` where that is exact, else `70,412 bytes`. */
export function size(bytes: number): string {
  const units = ["GiB", "MiB", "KiB"];
  for (let i = 0; i < units.length; i++) {
    const unit = 1024 ** (3 - i);
    if (bytes >= unit && bytes % unit === 0) return `${grouped(bytes / unit)} ${units[i]}`;
  }
  return count(bytes, "byte");
}

/** `about 312 KiB`, for what is not known exactly. */
export function about(bytes: number): string {
  if (Math.abs(bytes) < 1024) return `about ${bytes} bytes`;
  const mebi = Math.abs(bytes) >= 2 ** 20;
  const value = bytes / (mebi ? 2 ** 20 : 1024);
  return `about ${Math.abs(value) < 9.95 ? value.toFixed(1) : grouped(value)} ${mebi ? "MiB" : "KiB"}`;
}

/** `1 page`, `2 pages` */
export function count(n: number, noun: string): string {
  return `${grouped(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** `0x00ffe8` */
export function hex(offset: number, digits = 6): string {
  return `0x${offset.toString(16).padStart(digits, "0")}`;
}

/** How free bytes are scattered; `share` of them lies outside the largest piece. */
export function fragmentation(share: number): string {
  return share === 0 ? "not fragmented" : `${percent(share, 1)} fragmented`;
}
