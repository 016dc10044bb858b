// What was asked before, kept in this browser alone: IndexedDB, for it takes pictures as they are. Nothing of it is ever sent.

const DATABASE = "inferstack.history";
const STORE = "questions";
export const MOST = 50;
export const MOST_BYTES = 10_000_000; // of all pictures together

const request = (asked) => new Promise((resolve, reject) => Object.assign(asked, { onsuccess: () => resolve(asked.result), onerror: () => reject(asked.error) }));

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
export function readOwner(token) {
  if (!token) return "";
  try {
    return JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"))).sub ?? "";
  } catch {
    return "";
  }
}

export class History {
  #database;
  #owner;

  /** Keeps and shows what `owner` asked; what somebody else asked in this browser is forgotten. `indexed` is the browser's IndexedDB. */
  constructor(owner, indexed = globalThis.indexedDB) {
    this.#owner = owner;
    this.#database = this.#open(indexed).catch(() => null); // a private window, or a full disk: nothing is kept, and nothing breaks
  }

  /** Whether this browser lets the page keep anything. */
  async isKept() {
    return (await this.#database) !== null;
  }

  /** Keep an entry {at, body, answer, thumbnail}, and let the oldest go. */
  async add(entry) {
    const mark = await fingerprint(entry.body);
    await this.#write(async (store) => {
      const before = await request(store.getAll());
      await this.#drop(store, before.filter((other) => other.mark === mark && other.body.size === entry.body.size));
      await request(store.add({ ...entry, mark, owner: this.#owner }));
      await this.#drop(store, findSurplus(await request(store.getAll())));
    });
  }

  /** What was asked, newest first. */
  async list() {
    const database = await this.#database;
    if (database === null) return [];
    try {
      return (await request(database.transaction(STORE).objectStore(STORE).getAll())).reverse();
    } catch {
      return [];
    }
  }

  /** Forget everything. */
  clear() {
    return this.#write((store) => request(store.clear()));
  }

  async #open(indexed) {
    const opening = indexed.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key", autoIncrement: true });
    const database = await request(opening);
    const store = database.transaction(STORE, "readwrite").objectStore(STORE);
    await this.#drop(store, (await request(store.getAll())).filter(({ owner }) => owner !== this.#owner));
    return database;
  }

  async #drop(store, entries) {
    for (const { key } of entries) await request(store.delete(key));
  }

  async #write(change) {
    const database = await this.#database;
    if (database === null) return;
    try {
      await change(database.transaction(STORE, "readwrite").objectStore(STORE));
    } catch {
      // no room, or the browser took its data back: the page works without a history
    }
  }
}
