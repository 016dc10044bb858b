// What was asked before, kept in this browser alone. Nothing of it is ever sent.

import { Store } from "./store.js";
import { readClaims } from "./token.js";

export const MOST = 50;
export const MOST_BYTES = 10_000_000; // of all pictures together

/** Which of the entries, oldest first, must go, so that the others are few and small enough. */
export function findSurplus(entries, most = MOST, mostBytes = MOST_BYTES) {
  let bytes = 0;
  let kept = 0;
  return entries.toReversed().filter(({ body }) => {
    bytes += body.size;
    kept += 1;
    return kept > most || bytes > mostBytes;
  });
}

/** A number for what is in a body: the same again is not kept twice. FNV-1a, for nobody gains from two pictures with one number. */
export async function fingerprint(body) {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(await body.arrayBuffer())) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Who a token was given to; "" where nobody signs in. */
export const readOwner = (token) => readClaims(token).sub ?? "";

export class History {
  #store;
  #recipe;
  #isShown;

  /** Keeps what `owner` asked of a recipe, and shows what `isShown`. `indexed` is the browser's IndexedDB. */
  constructor(owner, { recipe, isShown = () => true, indexed } = {}) {
    this.#recipe = recipe;
    this.#isShown = isShown;
    this.#store = new Store("inferstack.history", "questions", owner, indexed);
  }

  /** Whether this browser lets the page keep anything. */
  isKept() {
    return this.#store.isKept();
  }

  /** Keep an entry {at, body, answer, thumbnail}, and let the oldest go. */
  async add(entry) {
    const mark = await fingerprint(entry.body);
    for (const { key, mark: other, body } of await this.#store.list()) if (other === mark && body.size === entry.body.size) await this.#store.drop(key);
    await this.#store.put({ ...entry, mark, recipe: this.#recipe });
    for (const { key } of findSurplus(await this.#store.list())) await this.#store.drop(key);
  }

  /** What was asked, newest first. */
  async list() {
    return (await this.#store.list()).filter(this.#isShown).reverse();
  }

  /** Forget everything. */
  clear() {
    return this.#store.clear();
  }
}
