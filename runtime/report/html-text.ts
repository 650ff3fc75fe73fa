// Text in HTML. Names come from modules, which anybody may have made.

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\n": "&#10;",
};

/** For the contents of elements and for values of attributes between quotes. */
export function escape(text: string): string {
  return text.replace(/[&<>"'\n]/g, (character) => ENTITIES[character]!);
}
