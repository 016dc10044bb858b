// Uploads: the state of every file and every job, and what moves it. What it looks like is uploads-view.js's.

import { checkFile } from "./jobs.js";
import { Problem } from "./problem.js";
import { Watch } from "./watch.js";

const AT_ONCE = 3; // files uploaded side by side; the others wait for their turn
const RECENT_MS = 3_600_000; // an unfinished job of the list that is older was probably never uploaded: not asked about all the time
const RANK = { queued: 0, creating: 1, uploading: 2, waiting: 3, problem: 3, processing: 4, succeeded: 5, failed: 5 };

/** Is anything still to come? */
export const isUnderWay = ({ phase }) => RANK[phase] < 5 && phase !== "problem";

/** A card's state: of a file about to be uploaded, or of a job made earlier. */
export function begin(key, { name, size = null, csv = false, phase = "queued", id = null, createdAt = null }) {
  return { key, name, size, csv, phase, id, createdAt, fraction: 0, arrived: false, rowsDone: 0, rowsTotal: null, job: null, late: null, problem: null };
}

/**
 * What an item becomes by an action. Events may come twice, late or out of order, and answers may overtake them: a phase never goes back,
 * rows never decrease, and what is done stays as it is.
 */
export function reduce(item, action) {
  const forward = (phase, more = {}) => (RANK[phase] > RANK[item.phase] || phase === item.phase ? { ...item, phase, ...more } : item);
  switch (action.type) {
    case "creating":
      return forward("creating");
    case "created":
      return { ...forward("uploading"), id: action.job.id, createdAt: action.job.created_at };
    case "sent":
      return { ...item, fraction: Math.max(item.fraction, Math.min(1, action.fraction)) };
    case "uploaded":
      return { ...forward("waiting"), fraction: 1, arrived: true };
    case "event":
      return progressed(item, forward, action.event);
    case "job":
      return answered(item, forward, action.job);
    case "late":
      return { ...item, late: action.problem };
    case "problem":
      return RANK[item.phase] === 5 && item.job ? item : { ...item, phase: "problem", late: null, problem: action.problem };
    default:
      return item;
  }
}

function progressed(item, forward, { state, rows_done: done = 0, rows_total: total = null, rows = null }) {
  if (!(state in RANK) || RANK[item.phase] === 5) return item;
  return forward(state, { late: null, problem: null, rowsDone: Math.max(item.rowsDone, done ?? 0, rows ?? 0), rowsTotal: total ?? rows ?? item.rowsTotal });
}

function answered(item, forward, job) {
  if (!(job.state in RANK) || item.job) return item;
  const known = { ...item, id: job.id, name: job.name ?? item.name, createdAt: job.created_at ?? item.createdAt, late: null };
  if (RANK[job.state] === 5) return { ...known, phase: job.state, job, problem: null }; // the API has the last word, whatever an event said
  return { ...known, phase: forward(job.state).phase };
}

/** A line of the list of jobs, brought up to date: what is done stays done. */
export function mergeEntry(known, news) {
  if (!known) return news;
  return RANK[news.state] >= RANK[known.state] ? { ...known, ...news } : { ...news, ...known };
}

const later = (a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0);

export class Uploads {
  #jobs;
  #events;
  #changed;
  #files = new Map(); // key → File
  #aborts = new Map(); // key → AbortController
  #watches = new Map(); // job id → Watch
  #running = 0;
  #made = 0;
  items = []; // cards, newest first
  list = { jobs: [], next: null, state: "unknown", problem: null }; // state: unknown | loading | ready | problem

  /** `jobs` asks the API, `events()` is push or null, `changed(key?)` is called when a card, or with no key the list, changed. */
  constructor(jobs, events, changed) {
    this.#jobs = jobs;
    this.#events = events;
    this.#changed = changed;
  }

  /** The file a card was made of, or null for a job made earlier. */
  file(key) {
    return this.#files.get(key) ?? null;
  }

  get busy() {
    return this.items.some(({ phase }) => ["queued", "creating", "uploading"].includes(phase));
  }

  /** Upload files; each gets a card at once. */
  add(files, { csv = false } = {}) {
    for (const file of files) {
      const key = `file-${++this.#made}`;
      this.#files.set(key, file);
      this.items = [begin(key, { name: file.name, size: file.size, csv }), ...this.items];
      this.#changed(key);
    }
    this.#next();
  }

  /** Try a card again: ask about a job whose file arrived, else begin the upload anew, as a new job. */
  again(key) {
    const item = this.#item(key);
    if (!this.#files.has(key) || item.arrived) return this.#ask(item, "waiting");
    this.#replace(begin(key, { name: item.name, size: item.size, csv: item.csv }));
    return this.#next();
  }

  /** Stop a card's upload if it is under way, and take the card away; its job stays in the list. */
  close(key) {
    const { id } = this.#item(key);
    this.items = this.items.filter((item) => item.key !== key);
    this.#aborts.get(key)?.abort();
    this.#files.delete(key);
    if (id && !this.#listed(id)) this.#unwatch(id);
    this.#changed(key);
  }

  /** Show a job of the list in a card of its own; returns the card's key. */
  open(id) {
    const shown = this.items.find((item) => item.id === id);
    if (shown) return shown.key;
    const entry = this.#listed(id);
    const key = `job-${id}`;
    this.items = [begin(key, { name: entry.name, id, phase: "waiting", createdAt: entry.created_at }), ...this.items];
    this.#ask(this.#item(key), isUnderWay({ phase: entry.state }) ? entry.state : "waiting");
    return key;
  }

  /** Read the list anew, or with `more` what comes after it. */
  async load({ more = false } = {}) {
    if (this.list.state === "loading") return;
    this.list = { ...this.list, state: "loading", problem: null };
    this.#changed();
    try {
      const { jobs, next } = await this.#jobs.list(more ? this.list.next : null);
      this.list = { ...this.list, state: "ready", next: next ?? null };
      for (const job of jobs) this.#enlist(job);
      for (const job of jobs) if (RANK[job.state] < 5 && Date.now() - Date.parse(job.created_at) < RECENT_MS) this.#watch(job);
    } catch (problem) {
      this.list = { ...this.list, state: "problem", problem };
    }
    this.#changed();
  }

  /** Fresh addresses of a job's results: presigned ones run out. */
  async results(id) {
    return (await this.#jobs.get(id)).results ?? [];
  }

  /** The network is back. */
  hurry() {
    this.#events()?.hurry();
    for (const watch of this.#watches.values()) watch.hurry();
  }

  #ask(item, phase) {
    this.#replace({ ...item, phase, arrived: true, problem: null });
    this.#unwatch(item.id);
    this.#watch({ id: item.id, channel: this.#listed(item.id)?.channel }).hurry();
  }

  #item(key) {
    return this.items.find((item) => item.key === key);
  }

  #listed(id) {
    return this.list.jobs.find((job) => job.id === id);
  }

  #replace(item) {
    this.items = this.items.map((other) => (other.key === item.key ? item : other));
    this.#changed(item.key);
  }

  #apply(key, action) {
    const item = this.#item(key);
    const next = item && reduce(item, action);
    if (next !== item) this.#replace(next);
  }

  #next() {
    while (this.#running < AT_ONCE) {
      const item = this.items.findLast(({ phase }) => phase === "queued");
      if (!item) return;
      this.#running += 1;
      this.#apply(item.key, { type: "creating" });
      this.#upload(item).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  async #upload({ key, name, size, csv }) {
    const file = this.#files.get(key);
    const abort = new AbortController();
    this.#aborts.set(key, abort);
    let watch = null;
    try {
      checkFile(file); // the form of an earlier job takes a file of that one's size only
      const job = await this.#jobs.create({ name, type: file.type, size, csv }, crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, abort.signal);
      this.#enlist({ id: job.id, name: job.name, state: job.state, created_at: job.created_at, channel: job.channel });
      this.#apply(key, { type: "created", job });
      this.#changed();
      checkFile(file, job.upload);
      watch = this.#watch(job, { due: false }); // before the first byte goes, so that no event is missed
      await this.#jobs.upload(job.upload, file, (fraction) => this.#apply(key, { type: "sent", fraction }), abort.signal);
      this.#apply(key, { type: "uploaded" });
      watch.arrived();
    } catch (error) {
      const { id = watch?.id, phase = "closed" } = this.#item(key) ?? {};
      if (RANK[phase] > RANK.waiting) return; // it arrived, even if its answer did not
      if (watch) this.#unwatch(id);
      const problem = error instanceof Problem ? error : new Problem("Something went wrong", String(error?.message ?? error), "Try again.");
      this.#apply(key, { type: "problem", problem });
    } finally {
      this.#aborts.delete(key);
    }
  }

  #watch({ id, channel }, { due = true } = {}) {
    const known = this.#watches.get(id);
    if (known) return known;
    const watch = new Watch({ id, channel }, { get: (id) => this.#jobs.get(id), events: this.#events(), due, show: (action) => this.#seen(id, action) });
    this.#watches.set(id, watch);
    return watch;
  }

  #unwatch(id) {
    this.#watches.get(id)?.stop();
    this.#watches.delete(id);
  }

  #seen(id, action) {
    const card = this.items.find((item) => item.id === id);
    if (card) this.#apply(card.key, action);
    if (!this.#listed(id)) return;
    if (action.type === "event") {
      const { state, rows, failed, finished_at } = action.event;
      this.#enlist(Object.fromEntries(Object.entries({ ...this.#listed(id), state, rows, failed, finished_at }).filter(([, value]) => value !== undefined)));
    } else if (action.type === "job") {
      const { state, finished_at, summary } = action.job;
      this.#enlist({ ...this.#listed(id), state, ...(finished_at ? { finished_at } : {}), ...(summary ? { rows: summary.rows, failed: summary.failed } : {}) });
    } else return;
    this.#changed();
  }

  #enlist(job) {
    const jobs = this.list.jobs.filter(({ id }) => id !== job.id);
    this.list = { ...this.list, jobs: [...jobs, mergeEntry(this.#listed(job.id), job)].sort(later) };
  }
}
