// What the page keeps in this browser for who is here: IndexedDB, for it takes files as they are. Nothing of it is ever sent by itself.

export const request = (asked) => new Promise((resolve, reject) => Object.assign(asked, { onsuccess: () => resolve(asked.result), onerror: () => reject(asked.error) }));

export class Store {
  #name;
  #owner;
  #database;

  /** Entries of `owner` in a database; what somebody else kept in this browser is forgotten. `indexed` is the browser's IndexedDB. */
  constructor(database, name, owner, indexed = globalThis.indexedDB) {
    this.#name = name;
    this.#owner = owner;
    this.#database = this.#open(database, indexed).catch(() => null); // a private window, or a full disk: nothing is kept, and nothing breaks
  }

  /** Whether this browser lets the page keep anything. */
  async isKept() {
    return (await this.#database) !== null;
  }

  /** The entries, oldest first. */
  async list() {
    const database = await this.#database;
    if (database === null) return [];
    try {
      return await request(database.transaction(this.#name).objectStore(this.#name).getAll());
    } catch {
      return [];
    }
  }

  /** Keep an entry; by its `key` if it has one. False where there is no room. */
  put(entry) {
    return this.change((store) => request(store.put({ ...entry, owner: this.#owner })));
  }

  /** Forget an entry. */
  drop(key) {
    return this.change((store) => request(store.delete(key)));
  }

  /** Forget everything. */
  clear() {
    return this.change((store) => request(store.clear()));
  }

  /** Change several things at once: all of them or none. Returns whether that could be kept. */
  async change(act) {
    const database = await this.#database;
    if (database === null) return false;
    try {
      await act(database.transaction(this.#name, "readwrite").objectStore(this.#name));
      return true;
    } catch {
      return false; // no room, or the browser took its data back: the page works without
    }
  }

  async #open(name, indexed) {
    const opening = indexed.open(name, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(this.#name, { keyPath: "key", autoIncrement: true });
    const database = await request(opening);
    const store = database.transaction(this.#name, "readwrite").objectStore(this.#name);
    for (const { key, owner } of await request(store.getAll())) if (owner !== this.#owner) await request(store.delete(key));
    return database;
  }
}
