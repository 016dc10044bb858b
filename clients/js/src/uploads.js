// A list of uploads and of the jobs made before: some files side by side, the others in a queue, each watched until its answer is there.

import { randomToken } from "./encoding.js";
import { failUnforeseen } from "./failures.js";
import { begin, hasBegun, isLeaving, isSending, isUnderWay, mergeRow, reduce } from "./upload-state.js";
import { isFinal, watchJob } from "./watch.js";

export { isUnderWay };

/** @import { Failure, JobRow, NewJob } from "./types.js" */
/** @import { Action, Item } from "./upload-state.js" */
/** @import { News, Watch } from "./watch.js" */
/** @import { Client } from "./client.js" */
/** @typedef {import("./upload-state.js").Item} UploadItem */
/** @typedef {{ jobs: JobRow[], next: string | null, state: "unknown" | "loading" | "ready" | "problem", problem: Failure | null }} JobList */
/** @typedef {ReturnType<typeof createUploads>} Uploads */

const AT_ONCE = 3; // files uploaded side by side; the others wait for their turn
const RECENT_MS = 3_600_000; // an unfinished job of the list that is older was probably never uploaded: not asked about all the time

/**
 * A list of uploads for a page.
 * @param {Client | Promise<Client>} client
 * @param {(key?: string) => void} change  is called when an item, or with no key the list, changed
 */
export function createUploads(client, change) {
  /** @type {Client | undefined} */
  let ready;
  const connecting = Promise.resolve(client).then((connected) => (ready = connected));
  connecting.catch(() => {}); // each call meets the error itself
  /** @type {Map<string, { file: File, abort: AbortController }>} by the item's key */
  const sources = new Map();
  /** @type {Map<string, Watch>} by the job's id */
  const watches = new Map();
  let made = 0;
  /** @type {Item[]} */
  let items = [];
  /** @type {JobList} */
  let list = { jobs: [], next: null, state: "unknown", problem: null };

  /** @param {string} key */
  const find = (key) => items.find((item) => item.key === key);

  /** @param {string} id */
  const findRow = (id) => list.jobs.find((job) => job.id === id);

  /** @param {Item} item */
  function replace(item) {
    items = items.map((other) => (other.key === item.key ? item : other));
    change(item.key);
  }

  /**
   * @param {string} key
   * @param {Action} action
   */
  function apply(key, action) {
    const item = find(key);
    if (item) replace(reduce(item, action));
  }

  /** @param {Partial<JobList>} news */
  function updateList(news) {
    list = { ...list, ...news };
    change();
  }

  /** @param {JobRow} job */
  function enlist(job) {
    const others = list.jobs.filter(({ id }) => id !== job.id);
    list = { ...list, jobs: [...others, mergeRow(findRow(job.id), job)].sort((a, b) => b.created_at.localeCompare(a.created_at)) };
  }

  /** @param {{ id: string, channel?: string }} job */
  function watch(job, isDue = true) {
    const { id } = job;
    const known = watches.get(id);
    if (known) return known;
    const begun = watchJob(job, /** @type {Client} */ (ready), (news) => receive(id, news), isDue);
    watches.set(id, begun);
    return begun;
  }

  /** @param {string} id */
  function unwatch(id) {
    watches.get(id)?.stop();
    watches.delete(id);
  }

  /**
   * @param {string} id
   * @param {News} news
   */
  function receive(id, news) {
    const item = items.find((other) => other.id === id);
    if (item) apply(item.key, news);
    const row = findRow(id);
    if (!row || "problem" in news) return;
    const { state, finished_at = row.finished_at, rows, failed } = "event" in news ? news.event : { ...news.job, ...news.job.summary };
    enlist({ ...row, state, finished_at, rows: rows ?? row.rows, failed: failed ?? row.failed });
    change();
  }

  /**
   * @param {Item} item
   * @param {string} id
   */
  function ask(item, id) {
    replace({ ...item, phase: "waiting", arrived: true, problem: null });
    unwatch(id);
    connecting.then(() => watch(findRow(id) ?? { id }).hurry(), (error) => apply(item.key, { type: "problem", problem: failUnforeseen(error).error }));
  }

  function uploadNext() {
    const item = items.filter(isSending).length < AT_ONCE && items.findLast(({ phase }) => phase === "queued");
    if (!item) return;
    apply(item.key, { type: "sending", phase: "creating" });
    upload(item).finally(uploadNext);
    uploadNext();
  }

  /** @param {Item} item */
  async function upload({ key, ...asked }) {
    const { file, abort } = /** @type {{ file: File, abort: AbortController }} */ (sources.get(key));
    let id = "";
    const options = {
      ...asked, // name, csv and idempotencyKey
      signal: abort.signal,
      onCreated: (/** @type {NewJob} */ job) => {
        id = job.id;
        const { upload: _, ...row } = job;
        apply(key, { type: "sending", phase: "uploading", more: { id } });
        enlist(row);
        change();
        watch(job, false); // before the first byte goes, so that no event is missed
      },
      onProgress: (/** @type {number} */ fraction) => apply(key, { type: "sending", phase: "uploading", more: { fraction } }),
    };
    const result = await connecting.then((connected) => connected.upload(file, options)).catch(failUnforeseen);
    if (result.ok) {
      apply(key, { type: "sending", phase: "waiting", more: { fraction: 1, arrived: true } });
      watches.get(id)?.arrive();
      return;
    }
    const item = find(key);
    if (item && hasBegun(item)) return; // it arrived, even if its answer did not
    unwatch(id);
    apply(key, { type: "problem", problem: result.error });
  }

  return {
    /** What was uploaded or opened here, newest first. */
    get items() {
      return items;
    },

    /** The caller's jobs, newest first. */
    get list() {
      return list;
    },

    /** Would leaving the page now break an upload off? */
    get isBusy() {
      return items.some(isLeaving);
    },

    /**
     * The file that an item was made of, or null for a job made earlier.
     * @param {string} key
     */
    getFile: (key) => sources.get(key)?.file ?? null,

    /**
     * Upload files; each gets an item at once. With the `idempotencyKey` of an earlier item, a file goes to that one's job.
     * @param {Iterable<File>} added
     * @param {{ csv?: boolean, idempotencyKey?: string }} [options]
     */
    add(added, { csv = false, idempotencyKey } = {}) {
      for (const file of added) {
        const key = `file-${++made}`;
        const { name, size } = file;
        sources.set(key, { file, abort: new AbortController() });
        items = [begin(key, { name, size, csv, idempotencyKey: idempotencyKey ?? randomToken() }), ...items];
        change(key);
      }
      uploadNext();
    },

    /**
     * Try an item again: ask about a job whose file arrived, else begin the upload anew, to the same job.
     * @param {string} key
     */
    retry(key) {
      const item = find(key);
      if (!item) return;
      if (item.arrived && item.id) return ask(item, item.id);
      replace({ ...item, phase: "queued", fraction: 0, problem: null });
      uploadNext();
    },

    /**
     * Stop an item's upload if it is under way, and take the item away; its job stays in the list.
     * @param {string} key
     */
    close(key) {
      const id = find(key)?.id;
      items = items.filter((item) => item.key !== key);
      sources.get(key)?.abort.abort();
      sources.delete(key);
      if (id && !findRow(id)) unwatch(id);
      change(key);
    },

    /**
     * Show a job of the list in an item of its own; returns the item's key.
     * @param {string} id
     */
    open(id) {
      const shown = items.find((item) => item.id === id);
      if (shown) return shown.key;
      const item = begin(`job-${id}`, { id, name: findRow(id)?.name ?? id });
      items = [item, ...items];
      ask(item, id);
      return item.key;
    },

    /** Read the list anew, or with `more` what comes after it; unfinished jobs are watched from then on. */
    async load({ more = false } = {}) {
      if (list.state === "loading") return;
      updateList({ state: "loading", problem: null });
      const page = await connecting.then((connected) => connected.listJobs({ cursor: more ? list.next : null })).catch(failUnforeseen);
      if (!page.ok) return updateList({ state: "problem", problem: page.error });
      const { jobs, next } = page.value;
      for (const job of jobs) enlist(job);
      updateList({ state: "ready", next });
      for (const job of jobs) if (!isFinal(job.state) && Date.now() - Date.parse(job.created_at) < RECENT_MS) watch(job);
    },

    /** Ask and connect now: the network is back. */
    hurry() {
      ready?.events?.hurry();
      for (const begun of watches.values()) begun.hurry();
    },
  };
}
