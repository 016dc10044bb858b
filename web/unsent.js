// Files on their way: each is kept in this browser until it has arrived, so that leaving the page loses none.

import { randomToken } from "./client/encoding.js";
import { hasBegun } from "./client/upload-state.js";
import { Store } from "./store.js";
import { mayTryAgain } from "./upload-card.js";

const MOST_BYTES = 200_000_000; // of all files together; of others only the name is kept
const KEPT_MS = 86_400_000; // jobs wait for their file this long

export class Unsent {
  #store = null;
  #recipe;
  #page = `inferstack.page.${randomToken()}`; // a lock that this page holds while it is open
  #kept = new Map(); // by the item's idempotencyKey: {id, size}

  /** Keep files of a recipe for `owner` from now on; returns what earlier pages left of those `isShown`: {key, id, name, csv, file}, the file null where it was too large. */
  async open(owner, isShown, recipe) {
    const store = new Store("inferstack.unsent", "files", owner);
    globalThis.navigator.locks?.request(this.#page, () => new Promise(() => {}));
    const open = new Set((await globalThis.navigator.locks?.query())?.held.map(({ name }) => name));
    const left = (await store.list()).filter(({ page }) => !open.has(page)); // other tabs send their own
    for (const { key, at } of left) if (Date.now() - at > KEPT_MS) store.drop(key);
    this.#store = store;
    this.#recipe = recipe;
    return left.filter((entry) => Date.now() - entry.at <= KEPT_MS && isShown(entry));
  }

  /** Hear how an upload is: keep its file while it is on its way, forget it when that is over. */
  async follow({ idempotencyKey: key, id, name, csv, arrived, ...item }, file) {
    if (!this.#store || !file) return;
    if (arrived || hasBegun(item) || (item.problem && !mayTryAgain(item.problem))) return this.forget(key);
    if (this.#kept.get(key)?.id === id) return;
    this.#kept.set(key, { id, size: file.size });
    const sum = [...this.#kept.values()].reduce((bytes, { size }) => bytes + size, 0);
    const entry = { key, id, name, csv, page: this.#page, at: Date.now(), file, recipe: this.#recipe };
    const isWhole = sum <= MOST_BYTES && (await this.#store.put(entry));
    if (!isWhole) await this.#store.put({ ...entry, file: null });
    if (!this.#kept.has(key)) await this.#store.drop(key); // it arrived meanwhile
  }

  /** Forget a file. */
  forget(key) {
    this.#kept.delete(key);
    return this.#store?.drop(key);
  }

  /** Forget every file: somebody signs out. */
  async clear() {
    await this.#store?.clear();
  }
}
