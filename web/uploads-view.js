// The uploads' part of the page: takes files, and shows a card for each and the list of jobs.

import { begin, isUnderWay } from "./client/upload-state.js";
import { arrange, bringIntoSight } from "./dom.js";
import { JobList } from "./job-list.js";
import { createOlder, explainFailure, findOffline, mayBeOfAge, Problem } from "./problem.js";
import { Unsent } from "./unsent.js";
import { describeUpload, UploadCard } from "./upload-card.js";

const element = (id) => document.getElementById(id);
const LEFT = { code: "unsent", title: "Not sent to its end", detail: "The page was left before all of it had arrived. The file is kept in this browser.", advice: "Send it again: it goes to the same job." };
const NOT_KEPT = { ...LEFT, code: "not-kept", detail: "The page was left before all of it had arrived, and the file was too large to be kept in this browser.", advice: "Choose it again." };
const createRefusal = (name) =>
  new Problem("Not a picture this can read", `This deployment reads pictures alone: it has no uploads${name ? ` for “${name}”` : ""}.`, "Choose a PNG, JPEG, WebP, GIF or BMP.");

export class UploadsView {
  #uploads;
  #cards = new Map();
  #spoken = new Map();
  #unsent = new Unsent();
  #left = new Map(); // what earlier pages did not send to its end, by its idempotency key: {entry, card}
  #list;
  #say;
  #alert;
  #refuse;
  #signIn;
  #added;
  #isOfAge;
  #isOlder = false; // the deployment is another by now than when the page was opened
  #listResults;
  #listLabels;
  #empty = element("cards").firstElementChild;
  #isWithout = false; // this deployment has no uploads
  #isShown = () => true; // of jobs and files: those of the recipe that the page asks
  #led = null; // what people were led to, until they scroll by themselves

  /** `connect(changed)` makes the Uploads; `say` and `alert` speak to screen readers, politely and at once; `refuse` shows a problem; `signIn` leaves for it; `added` hears of new uploads; `isOfAge(problem)` tells whether a problem comes of a deployment that has changed, and shows that; `listResults(id)` gives a job's files with fresh addresses; `listLabels()` the model's labels. */
  constructor(connect, { say, alert, refuse, signIn, added, isOfAge, listResults, listLabels }) {
    this.#say = say;
    this.#alert = alert;
    this.#refuse = refuse;
    this.#signIn = signIn;
    this.#added = added;
    this.#isOfAge = isOfAge;
    this.#listResults = listResults;
    this.#listLabels = listLabels;
    this.#uploads = connect((key) => this.#changed(key));
    this.#list = new JobList({ open: (id) => this.open(id), more: () => this.#uploads.load({ more: Boolean(this.#uploads.list.next) }) });
    this.#wire();
  }

  /** Show the jobs that `owner` made before, and the files that an earlier page did not send to their end, those `isShown`; of nobody, the problem. */
  async load(owner, isShown, recipe) {
    this.#isShown = isShown ?? this.#isShown;
    await this.#uploads.load();
    if (owner === null) return;
    for (const entry of await this.#unsent.open(owner, this.#isShown, recipe)) this.#offer(entry);
    for (const item of this.#uploads.items) this.#unsent.follow(item, this.#uploads.getFile(item.key));
    this.#changed();
  }

  /** Forget files that are not sent: somebody signs out. */
  forget() {
    return this.#unsent.clear();
  }

  /** Make a job of each file, and say which folders were none. With `show`, for what came in elsewhere, the cards come into sight. */
  add(files, folders = [], { show = false } = {}) {
    if (this.#isWithout) throw createRefusal(files[0]?.name);
    element("upload-refused").textContent = folders.length ? `“${folders[0]}” is a folder: make a zip of it, and upload that.` : "";
    if (files.length) {
      this.#uploads.add(files, { csv: element("upload-csv").checked });
      this.#added();
    }
    if (!show || !(files.length + folders.length)) return;
    this.#lead(files.length ? element("cards").firstElementChild : element("upload-refused"));
    if (files.length) this.#say(`${files.length === 1 ? `“${files[0].name}” is` : `${files.length} files are`} uploaded as a job; the answer comes below.`);
  }

  #wire() {
    element("upload-files").addEventListener("change", (event) => {
      const files = [...event.target.files];
      event.target.value = ""; // so that the same file can be chosen again
      this.add(files);
    });
    for (const own of ["wheel", "touchmove", "keydown"]) addEventListener(own, () => (this.#led = null), { passive: true });
    addEventListener("offline", () => this.#tellAll());
    addEventListener("online", () => {
      this.#tellAll();
      this.#uploads.hurry();
      for (const { key, problem } of this.#uploads.items) if (problem?.isTemporary) this.#uploads.retry(key);
      if (this.#uploads.list.problem?.isTemporary) this.#uploads.load();
    });
    addEventListener("beforeunload", (event) => this.#uploads.isBusy && event.preventDefault());
  }

  #tellAll() {
    for (const { key } of this.#uploads.items) this.#changed(key);
  }

  /** Show a job in a card of its own. */
  open(id) {
    const card = this.#cards.get(this.#uploads.open(id)).element;
    card.focus({ preventScroll: true });
    this.#lead(card);
  }

  /** Bring something into sight, and once more when it has grown to what it says in the end, unless people scroll meanwhile. */
  #lead(target) {
    this.#led = target;
    bringIntoSight(target);
  }

  #close(key) {
    const keys = this.#uploads.items.map((item) => item.key);
    const at = keys.indexOf(key);
    const neighbour = this.#cards.get(keys[at + 1] ?? keys[at - 1]);
    this.#unsent.forget(this.#uploads.items[at].idempotencyKey);
    this.#uploads.close(key);
    (neighbour?.element ?? element("upload-files")).focus(); // or the keyboard would be thrown back to the page's start
  }

  #changed(key) {
    if (key === undefined) this.#settleLeft(this.#uploads.list.jobs);
    const { items, list } = this.#uploads;
    if (key === undefined) this.#list.show({ ...list, jobs: list.jobs.filter(this.#isShown), problem: explainFailure(list.problem) });
    else {
      const item = items.find((other) => other.key === key);
      if (item) this.#update(this.#explain(item));
      else this.#forget(key);
    }
    const cards = [...items.map((other) => this.#cards.get(other.key)), ...[...this.#left.values()].map(({ card }) => card)].filter(Boolean);
    arrange(element("cards"), cards.length ? cards.map((card) => card.element) : [this.#empty]);
    this.#availability(items, list);
  }

  /** An item as its card tells it: why nothing goes on may be that the device has no network, or that the deployment has changed. */
  #explain(item) {
    const problem = this.#isOlder && item.problem && mayBeOfAge(item.problem) ? createOlder() : explainFailure(item.problem);
    return { ...item, late: (isUnderWay(item) && findOffline()) || item.late, problem };
  }

  /** Offer to send again what an earlier page did not send to its end. */
  #offer(entry) {
    const { key, name, csv, file } = entry;
    const item = begin(`left-${key}`, { name, size: file?.size ?? null, phase: "problem", problem: file ? LEFT : NOT_KEPT });
    const close = () => {
      this.#left.delete(key);
      this.#changed();
      (element("cards").querySelector("article") ?? element("upload-files")).focus({ preventScroll: true });
    };
    const again = () => {
      this.#uploads.add([file], { csv, idempotencyKey: key });
      close();
    };
    const card = new UploadCard(item, file, { again, close: () => this.#unsent.forget(key).then(close) });
    card.update(item);
    this.#left.set(key, { entry, card });
  }

  /** Show the job of what did arrive, after all. */
  #settleLeft(jobs) {
    for (const { entry: { key, id } } of [...this.#left.values()]) {
      if (!jobs.some((job) => job.id === id && job.state !== "waiting")) continue;
      this.#left.delete(key);
      this.#unsent.forget(key);
      this.#uploads.open(id);
    }
  }

  #update(item) {
    let card = this.#cards.get(item.key);
    if (!card) {
      const { key } = item;
      card = new UploadCard(item, this.#uploads.getFile(key), {
        again: () => this.#uploads.retry(key),
        close: () => this.#close(key),
        signIn: () => this.#signIn(),
        listLabels: this.#listLabels,
        results: () => this.#listResults(this.#uploads.items.find((other) => other.key === key).id),
      });
      this.#cards.set(key, card);
    }
    card.update(item);
    this.#unsent.follow(item, this.#uploads.getFile(item.key));
    if (card.element === this.#led && item.job) this.#lead(card.element);
    const words = describeUpload(item);
    const isNew = words && this.#spoken.get(item.key) !== words;
    this.#spoken.set(item.key, words);
    if (isNew && item.phase === "problem") this.#tellProblem(item, words);
    else if (isNew) (item.phase === "failed" ? this.#alert : this.#say)(words);
  }

  /** Say what went wrong, unless the page says already that the deployment has changed. */
  async #tellProblem({ problem }, words) {
    if (problem.code === "older") return;
    if (!(await this.#isOfAge(problem))) return this.#alert(words);
    this.#isOlder = true;
    this.#tellAll();
  }

  #forget(key) {
    this.#cards.delete(key);
    this.#spoken.delete(key);
  }

  /** A stack may be deployed without uploads: then say so in their place. */
  #availability(items, list) {
    const none = [list.problem, ...items.map(({ problem }) => problem)].some((problem) => problem?.code === "no-uploads");
    for (const id of ["upload-form", "cards", "uploads-link"]) element(id).hidden = none;
    element("try-batch").hidden ||= none;
    // What was given before this was known has its card in what is hidden now.
    if (none && !this.#isWithout && items.length) this.#refuse(createRefusal(items[0].name));
    this.#isWithout = none;
    if (!none) return;
    element("jobs").hidden = true;
    element("uploads-lead").textContent = "This deployment has no uploads.";
  }
}
