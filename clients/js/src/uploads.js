// A list of uploads and of the jobs made before: some files side by side, the others in a queue, each watched until its answer is there.

import { failUnforeseen } from "./failures.js";
import { begin, hasBegun, isFinal, isUnderWay, mergeRow, reduce } from "./upload-state.js";
import { Watch } from "./watch.js";

export { isUnderWay };

/** @import { Failure, JobRow, ResultFile } from "./types.js" */
/** @import { Action, Item, Phase } from "./upload-state.js" */
/** @import { News } from "./watch.js" */
/** @import { Client } from "./client.js" */
/** @typedef {import("./upload-state.js").Item} UploadItem */
/** @typedef {{ jobs: JobRow[], next: string | null, state: "unknown" | "loading" | "ready" | "problem", problem: Failure | null }} JobList */

const AT_ONCE = 3; // files uploaded side by side; the others wait for their turn
const RECENT_MS = 3_600_000; // an unfinished job of the list that is older was probably never uploaded: not asked about all the time

/**
 * @param {JobRow} a
 * @param {JobRow} b
 */
const compareAge = (a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0);

export class Uploads {
  /** @type {Client | null} */
  #client = null;
  #ready;
  #change;
  /** @type {Map<string, File>} */
  #files = new Map();
  /** @type {Map<string, AbortController>} */
  #aborts = new Map();
  /** @type {Map<string, Watch>} by the job's id */
  #watches = new Map();
  #running = 0;
  #made = 0;
  /** What was uploaded or opened here, newest first. @type {Item[]} */
  items = [];
  /** The caller's jobs, newest first. @type {JobList} */
  list = { jobs: [], next: null, state: "unknown", problem: null };

  /**
   * @param {Client | Promise<Client>} client
   * @param {(key?: string) => void} change  is called when an item, or with no key the list, changed
   */
  constructor(client, change) {
    this.#ready = Promise.resolve(client).then((ready) => (this.#client = ready));
    this.#ready.catch(() => {}); // each call meets the error itself
    this.#change = change;
  }

  /**
   * The file that an item was made of, or null for a job made earlier.
   * @param {string} key
   */
  getFile(key) {
    return this.#files.get(key) ?? null;
  }

  /** Would leaving the page now break an upload off? */
  get isBusy() {
    return this.items.some(({ phase }) => ["queued", "creating", "uploading"].includes(phase));
  }

  /**
   * Upload files; each gets an item at once.
   * @param {Iterable<File>} files
   */
  add(files, { csv = false } = {}) {
    for (const file of files) {
      const key = `file-${++this.#made}`;
      this.#files.set(key, file);
      this.items = [begin(key, { name: file.name, size: file.size, csv }), ...this.items];
      this.#change(key);
    }
    this.#uploadNext();
  }

  /**
   * Try an item again: ask about a job whose file arrived, else begin the upload anew, as a new job.
   * @param {string} key
   */
  retry(key) {
    const item = this.#find(key);
    if (!item) return;
    if (item.id && (!this.#files.has(key) || item.arrived)) return this.#ask(item, item.id, "waiting");
    this.#replace(begin(key, { name: item.name, size: item.size, csv: item.csv }));
    this.#uploadNext();
  }

  /**
   * Stop an item's upload if it is under way, and take the item away; its job stays in the list.
   * @param {string} key
   */
  close(key) {
    const id = this.#find(key)?.id;
    this.items = this.items.filter((item) => item.key !== key);
    this.#aborts.get(key)?.abort();
    this.#files.delete(key);
    if (id && !this.#findRow(id)) this.#unwatch(id);
    this.#change(key);
  }

  /**
   * Show a job of the list in an item of its own; returns the item's key.
   * @param {string} id
   */
  open(id) {
    const shown = this.items.find((item) => item.id === id);
    if (shown) return shown.key;
    const row = this.#findRow(id);
    const item = begin(`job-${id}`, { name: row?.name ?? id, id, phase: "waiting", createdAt: row?.created_at ?? null });
    this.items = [item, ...this.items];
    this.#ask(item, id, row && isUnderWay({ phase: row.state }) ? row.state : "waiting");
    return item.key;
  }

  /** Read the list anew, or with `more` what comes after it; unfinished jobs are watched from then on. */
  async load({ more = false } = {}) {
    if (this.list.state === "loading") return;
    this.list = { ...this.list, state: "loading", problem: null };
    this.#change();
    const page = await this.#ready.then((client) => client.listJobs({ cursor: more ? this.list.next : null })).catch(failUnforeseen);
    if (page.ok) {
      const { jobs, next } = page.value;
      this.list = { ...this.list, state: "ready", next: next ?? null };
      for (const job of jobs) this.#enlist(job);
      for (const job of jobs) if (!isFinal(job.state) && Date.now() - Date.parse(job.created_at) < RECENT_MS) this.#watch(job);
    } else this.list = { ...this.list, state: "problem", problem: page.error };
    this.#change();
  }

  /**
   * Fresh addresses of a job's results: presigned ones run out. Empty where the API does not answer.
   * @param {string} id
   * @returns {Promise<ResultFile[]>}
   */
  async listResults(id) {
    const job = await (await this.#ready).job(id);
    return (job.ok && job.value.results) || [];
  }

  /** Ask and connect now: the network is back. */
  hurry() {
    this.#client?.events?.hurry();
    for (const watch of this.#watches.values()) watch.hurry();
  }

  /**
   * @param {Item} item
   * @param {string} id
   * @param {Phase} phase
   */
  #ask(item, id, phase) {
    this.#replace({ ...item, phase, arrived: true, problem: null });
    this.#unwatch(id);
    this.#ready.then(() => this.#watch({ id, channel: this.#findRow(id)?.channel }).hurry(), (error) => this.#apply(item.key, { type: "problem", problem: failUnforeseen(error).error }));
  }

  /** @param {string} key */
  #find(key) {
    return this.items.find((item) => item.key === key);
  }

  /** @param {string} id */
  #findRow(id) {
    return this.list.jobs.find((job) => job.id === id);
  }

  /** @param {Item} item */
  #replace(item) {
    this.items = this.items.map((other) => (other.key === item.key ? item : other));
    this.#change(item.key);
  }

  /**
   * @param {string} key
   * @param {Action} action
   */
  #apply(key, action) {
    const item = this.#find(key);
    const next = item && reduce(item, action);
    if (next && next !== item) this.#replace(next);
  }

  #uploadNext() {
    while (this.#running < AT_ONCE) {
      const item = this.items.findLast(({ phase }) => phase === "queued");
      if (!item) return;
      this.#running += 1;
      this.#apply(item.key, { type: "creating" });
      this.#upload(item).finally(() => {
        this.#running -= 1;
        this.#uploadNext();
      });
    }
  }

  /** @param {Item} item */
  async #upload({ key, name, csv }) {
    const abort = new AbortController();
    this.#aborts.set(key, abort);
    let id = "";
    const result = await this.#ready
      .then((client) =>
        client.upload(/** @type {File} */ (this.#files.get(key)), {
          name,
          csv,
          signal: abort.signal,
          onCreated: (job) => {
            id = job.id;
            this.#enlist({ id: job.id, name: job.name, state: job.state, created_at: job.created_at, status_url: job.status_url, channel: job.channel });
            this.#apply(key, { type: "created", job });
            this.#change();
            this.#watch(job, { due: false }); // before the first byte goes, so that no event is missed
          },
          onProgress: (fraction) => this.#apply(key, { type: "sent", fraction }),
        }),
      )
      .catch(failUnforeseen);
    this.#aborts.delete(key);
    if (result.ok) {
      this.#apply(key, { type: "uploaded" });
      this.#watches.get(result.value.id)?.arrive();
      return;
    }
    const item = this.#find(key);
    if (item && hasBegun(item)) return; // it arrived, even if its answer did not
    if (id) this.#unwatch(id);
    this.#apply(key, { type: "problem", problem: result.error });
  }

  /** @param {{ id: string, channel?: string }} job */
  #watch(job, { due = true } = {}) {
    const known = this.#watches.get(job.id);
    if (known) return known;
    const watch = new Watch(job, /** @type {Client} */ (this.#client), (news) => this.#receive(job.id, news), { due });
    this.#watches.set(job.id, watch);
    return watch;
  }

  /** @param {string} id */
  #unwatch(id) {
    this.#watches.get(id)?.stop();
    this.#watches.delete(id);
  }

  /**
   * @param {string} id
   * @param {News} news
   */
  #receive(id, news) {
    const item = this.items.find((other) => other.id === id);
    if (item) this.#apply(item.key, news);
    const row = this.#findRow(id);
    if (!row || (news.type !== "event" && news.type !== "job")) return;
    const { state, finished_at, rows, failed } = news.type === "event" ? news.event : { ...news.job, ...pickCounts(news.job.summary) };
    const known = Object.entries({ state, finished_at, rows, failed }).filter(([, value]) => value !== undefined && value !== null);
    this.#enlist({ ...row, ...Object.fromEntries(known) });
    this.#change();
  }

  /** @param {JobRow} job */
  #enlist(job) {
    const jobs = this.list.jobs.filter(({ id }) => id !== job.id);
    this.list = { ...this.list, jobs: [...jobs, mergeRow(this.#findRow(job.id), job)].sort(compareAge) };
  }
}

/** @param {{ rows?: number, failed?: number }} [summary] */
const pickCounts = ({ rows, failed } = {}) => ({ rows, failed });
