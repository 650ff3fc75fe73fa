// Free blocks of 256 bytes and more, by size: best fit in O(log n) without rotations. There is a tree for each power of two
// of granules. In it, the bits of the size below the first lead to the left (0) or right (1), one bit a level; a block
// stands as high as there is room, so inner nodes are blocks, too (a digital search tree, as in Lea's malloc). Blocks of equal
// size hang in a list on the one that stands in the tree. A path has a node for each bit at most: 29.
import { brokenLink, Control, freeSize, LARGE, Link, type Heap } from "./heap.js";

/** Instead of a parent: the block is in the list of one that stands in the tree. The root's parent is 0. */
const MEMBER = -1;

const binOf = (size: number): number => 30 - Math.clz32(size);
const rootOf = (bin: number): number => Control.roots + bin - 5;
/** The child's link to follow for `size` below a node from which on `bit` decides. */
const childOf = (size: number, bit: number): number => Link.left + ((size >> bit) & 1);

/** Checks that a link within tree `bin` led to a block of it; returns the block's size. */
function nodeSize(heap: Heap, at: number, bin: number): number {
  const size = freeSize(heap, at);
  if (binOf(size) !== bin) wrongTree(heap, at);
  return size;
}

export function insertLarge(heap: Heap, at: number, size: number): void {
  const { words, control } = heap;
  const bin = binOf(size);
  let parent = 0;
  let slot = 0;
  words[at + Link.next] = words[at + Link.prev] = words[at + Link.left] = words[at + Link.right] = 0;
  for (let node = control[rootOf(bin)]!, bit = bin; node !== 0; bit--) {
    if (nodeSize(heap, node, bin) === size) return insertMember(heap, at, node, size);
    // The last bit is the granule's: sizes that differ have parted there at the latest.
    if (bit === 0) wrongTree(heap, node);
    parent = node;
    slot = node + childOf(size, bit);
    node = words[slot]!;
  }
  words[at + Link.parent] = parent;
  if (parent !== 0) words[slot] = at;
  else {
    control[rootOf(bin)] = at;
    control[Control.largeMap]! |= 1 << bin;
  }
}

function insertMember(heap: Heap, at: number, head: number, size: number): void {
  const { words } = heap;
  const next = words[head + Link.next]!;
  if (next !== 0) {
    if (freeSize(heap, next) !== size) wrongTree(heap, next);
    words[next + Link.prev] = at;
  }
  words[at + Link.next] = next;
  words[at + Link.prev] = head;
  words[at + Link.parent] = MEMBER;
  words[head + Link.next] = at;
}

export function removeLarge(heap: Heap, at: number, size: number): void {
  const { words } = heap;
  const next = words[at + Link.next]!;
  if (next !== 0 && (freeSize(heap, next) !== size || words[next + Link.prev] !== at)) wrongTree(heap, next);
  if (words[at + Link.parent] === MEMBER) {
    const prev = words[at + Link.prev]!;
    if (freeSize(heap, prev) !== size || words[prev + Link.next] !== at) wrongTree(heap, prev);
    words[prev + Link.next] = next;
    if (next !== 0) words[next + Link.prev] = prev;
    return;
  }
  const bin = binOf(size);
  // Its place is taken by the next of the same size, or by any leaf below it: what leads there leads here as well.
  if (next !== 0) words[next + Link.prev] = 0;
  const heir = next !== 0 ? next : removeLeaf(heap, at, bin);
  replace(heap, at, heir, bin);
}

/** Takes a leaf out from below `at`; 0 if `at` is a leaf itself. */
function removeLeaf(heap: Heap, at: number, bin: number): number {
  const { words } = heap;
  let slot = 0;
  let leaf = at;
  for (let steps = 0; ; steps++) {
    const right = words[leaf + Link.right]!;
    const child = right !== 0 ? right : words[leaf + Link.left]!;
    if (child === 0) break;
    nodeSize(heap, child, bin);
    if (words[child + Link.parent] !== leaf || steps > bin) wrongTree(heap, child);
    slot = leaf + (right !== 0 ? Link.right : Link.left);
    leaf = child;
  }
  if (slot === 0) return 0;
  words[slot] = 0;
  return leaf;
}

/** Puts `heir` (or nothing, if it is 0) where `at` stands in tree `bin`. */
function replace(heap: Heap, at: number, heir: number, bin: number): void {
  const { words, control } = heap;
  const parent = words[at + Link.parent]!;
  if (parent === 0) {
    if (control[rootOf(bin)] !== at) wrongTree(heap, at);
    control[rootOf(bin)] = heir;
    if (heir === 0) control[Control.largeMap]! &= ~(1 << bin);
  } else {
    nodeSize(heap, parent, bin);
    const slot = parent + (words[parent + Link.left] === at ? Link.left : Link.right);
    if (words[slot] !== at) wrongTree(heap, parent);
    words[slot] = heir;
  }
  if (heir === 0) return;
  words[heir + Link.parent] = parent;
  adopt(heap, at, heir, Link.left, bin);
  adopt(heap, at, heir, Link.right, bin);
}

function adopt(heap: Heap, at: number, heir: number, link: Link, bin: number): void {
  const { words } = heap;
  const child = words[at + link]!;
  if (child !== 0) {
    nodeSize(heap, child, bin);
    if (words[child + Link.parent] !== at) wrongTree(heap, child);
    words[child + Link.parent] = heir;
  }
  words[heir + link] = child;
}

/** A free block of the smallest size that is at least `size` and in a tree; 0 if there is none. */
export function fitLarge(heap: Heap, size: number): number {
  const { words, control } = heap;
  const map = control[Control.largeMap]!;
  const bin = size < LARGE ? 4 : binOf(size);
  let best = 0;
  if (bin > 4 && (map & (1 << bin)) !== 0) {
    let bestSize = Infinity;
    // Below the last node from which the path went left, all on the right is larger than `size`, and smaller than what
    // is on the right of nodes above.
    let larger = 0;
    for (let node = control[rootOf(bin)]!, bit = bin; node !== 0; bit--) {
      const found = nodeSize(heap, node, bin);
      if (found === size) return anyOfSize(heap, node, size);
      if (bit === 0) wrongTree(heap, node);
      if (found > size && found < bestSize) {
        best = node;
        bestSize = found;
      }
      const link = childOf(size, bit);
      if (link === Link.left && words[node + Link.right] !== 0) larger = words[node + Link.right]!;
      node = words[node + link]!;
    }
    if (larger !== 0) {
      const least = smallestBelow(heap, larger, bin);
      if (freeSize(heap, least) < bestSize) best = least;
    }
  }
  if (best === 0) {
    const above = map & (-2 << bin);
    if (above === 0) return 0;
    const next = 31 - Math.clz32(above & -above);
    best = smallestBelow(heap, control[rootOf(next)]!, next);
  }
  return anyOfSize(heap, best, freeSize(heap, best));
}

/** A block that is easier to take out than the one that stands in the tree, if there are several of its size. */
function anyOfSize(heap: Heap, node: number, size: number): number {
  const member = heap.words[node + Link.next]!;
  if (member === 0) return node;
  if (freeSize(heap, member) !== size) wrongTree(heap, member);
  return member;
}

/** The smallest block in the subtree of `node`: on the path that turns left wherever it can. */
function smallestBelow(heap: Heap, node: number, bin: number): number {
  return extremeBelow(heap, node, bin, Link.left, Link.right);
}

function extremeBelow(heap: Heap, node: number, bin: number, towards: Link, otherwise: Link): number {
  const { words } = heap;
  const sign = towards === Link.left ? 1 : -1;
  let best = node;
  let bestSize = nodeSize(heap, node, bin);
  for (let steps = 0; ; steps++) {
    node = words[node + towards]! || words[node + otherwise]!;
    if (node === 0) return best;
    if (steps > bin) wrongTree(heap, node);
    const size = nodeSize(heap, node, bin);
    if (sign * (size - bestSize) < 0) {
      best = node;
      bestSize = size;
    }
  }
}

/** The largest size in the trees; 0 if they are empty. */
export function largestLarge(heap: Heap): number {
  const map = heap.control[Control.largeMap]!;
  if (map === 0) return 0;
  const bin = 31 - Math.clz32(map);
  return freeSize(heap, extremeBelow(heap, heap.control[rootOf(bin)]!, bin, Link.right, Link.left));
}

/** Calls `visit` for every block of tree `bin`, after checking that it stands where its size leads; there can be `most`. */
export function visitTree(heap: Heap, bin: number, most: number, visit: (at: number, size: number) => void): void {
  const { words, control } = heap;
  let left = most;
  const subtree = (node: number, parent: number, bit: number, prefix: number): void => {
    const size = nodeSize(heap, node, bin);
    if (--left < 0 || bit < 0) wrongTree(heap, node);
    if (words[node + Link.parent] !== parent || words[node + Link.prev] !== 0) wrongTree(heap, node);
    if (size >> (bit + 1) !== prefix)
      brokenLink(heap, node, "the block does not stand where its size leads in the tree");
    visit(node, size);
    for (let prev = node, at = words[node + Link.next]!; at !== 0; prev = at, at = words[at + Link.next]!) {
      if (freeSize(heap, at) !== size || --left < 0) wrongTree(heap, at);
      if (words[at + Link.parent] !== MEMBER || words[at + Link.prev] !== prev) wrongTree(heap, at);
      visit(at, size);
    }
    for (let side = 0; side < 2; side++) {
      const child = words[node + Link.left + side]!;
      if (child !== 0) subtree(child, node, bit - 1, prefix * 2 + side);
    }
  };
  const root = control[rootOf(bin)]!;
  const marked = ((control[Control.largeMap]! >> bin) & 1) === 1;
  if (marked !== (root !== 0)) wrongTree(heap, root);
  if (root !== 0) subtree(root, 0, bin, 1);
}

function wrongTree(heap: Heap, at: number): never {
  return brokenLink(heap, at, "the tree of large free blocks is broken here");
}
