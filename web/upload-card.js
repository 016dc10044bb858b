// One upload as people see it: its name, how far it is, and then its answer, in place.

import { batch, describeFew, listFacts, reasonTable } from "./batch.js";
import { decode } from "./boxes.js";
import { make, moveFocus, whenInSight } from "./dom.js";
import { makeLinkButton } from "./permalink.js";
import { Photo } from "./photo.js";
import { isUnderWay } from "./client/uploads.js";
import { bytes, capitalizeSentence, count, readOut } from "./words.js";

const STATES = { queued: "Queued", creating: "Starting", uploading: "Uploading", waiting: "Waiting", processing: "Processing", succeeded: "Done", nothing: "Nothing read", failed: "Failed", problem: "Not done" };
const NOT_YOURS = { title: "No such job of yours", detail: "It is somebody else’s, or it is no longer there.", advice: "Only the person who uploaded a job can see it, and jobs are deleted with their results." };
const FRESH_MS = 240_000; // a result's address is presigned: an older one is asked for anew before it is followed

/** The state that people care about: a job that ended well without a single answer read nothing. */
export const outcomeOf = (state, { rows, failed = 0 } = {}) => (state === "succeeded" && rows !== undefined && rows === failed ? "nothing" : state);

/** Whether the same file may be sent again after a problem. */
export const mayTryAgain = ({ code }) => !["empty-file", "too-small", "too-large", "not-found", "no-uploads", "not-kept", "older"].includes(code);

/** A state in a word, as a coloured chip. */
export function makeChip(state) {
  const element = make("span", { className: "chip", textContent: STATES[state] ?? state });
  element.dataset.state = state;
  return element;
}

/** How far an item is: [words, fraction or null when nobody knows]. */
export function progressOf({ phase, size, fraction, rowsDone, rowsTotal, late }) {
  if (late) return [`${late.title}. ${late.code === "offline" ? late.advice : "Trying again."}`, phase === "processing" && rowsTotal ? rowsDone / rowsTotal : null];
  switch (phase) {
    case "uploading":
      return [`Uploading ${Math.floor(fraction * 100)} %, ${bytes(Math.round(size * fraction))} of ${bytes(size)}`, fraction];
    case "waiting":
      return ["Uploaded. It is read in a moment; after a quiet time the model starts first, which takes up to a minute.", null];
    case "processing":
      if (rowsTotal) return [`${count(rowsDone)} of ${count(rowsTotal, "row")}`, Math.min(1, rowsDone / rowsTotal)];
      return [rowsDone ? `${count(rowsDone, "row")} so far` : "Reading the file", null];
    case "succeeded":
    case "failed":
      return ["Getting the answer", null];
    default:
      return [phase === "queued" ? "Waiting for the uploads before it" : "Asking where to send it", null];
  }
}

/** An answer in one sentence, for screen readers. */
export function describeUpload({ name, phase, problem, job }) {
  if (phase === "problem") {
    const { title, detail, advice } = problem.code === "not-found" ? NOT_YOURS : problem;
    return `${name}: ${title}. ${capitalizeSentence(detail)} ${advice}`;
  }
  if (!job) return phase === "waiting" ? `${name} is uploaded` : "";
  if (phase === "failed") return `${name}: ${job.error?.title ?? "failed"}. ${capitalizeSentence(job.error?.detail)} ${job.error?.advice ?? ""}`;
  const { rows, failed, predictions } = job.summary ?? {};
  if (predictions?.length) return `${name}: ${readOut(predictions)}`;
  if (outcomeOf(phase, job.summary) === "nothing") return `${name}: nothing was read`;
  const few = describeFew(job.summary ?? {});
  if (few) return `${name}: ${few}`;
  return `${name}: ${count((rows ?? 0) - (failed ?? 0), "row")} read${failed ? `, ${count(failed)} failed` : ""}`;
}

export class UploadCard {
  #photo;
  #isOfFile;
  #answered = false;
  #answeredAt = 0;
  #title = make("h3", { className: "card-name" });
  #meta = make("span", { className: "card-meta" });
  #chip = make("span");
  #close = make("button", { type: "button", className: "close" });
  #words = make("p", { className: "live-words" });
  #bar = make("span", { className: "meter-bar" });
  #meter = make("div", { className: "meter" }, this.#bar);
  #live = make("div", { className: "live" }, this.#words, this.#meter);
  #problem = make("div", { className: "problem", hidden: true });
  #answer = make("div", { className: "card-answer", hidden: true });
  element;

  /** `actions`: again(), close(), signIn(), results(), listLabels() for a card made of `file`, or of a job made earlier when it is null. */
  constructor(item, file, actions) {
    this.actions = actions;
    this.#isOfFile = file !== null;
    this.#title.id = `${item.key}-name`;
    this.#photo = new Photo(item.name, undefined, actions.listLabels);
    this.#close.addEventListener("click", () => actions.close());
    this.#meter.setAttribute("role", "progressbar");
    this.#meter.setAttribute("aria-labelledby", this.#title.id);
    const head = make("div", { className: "card-head" }, this.#title, this.#meta, this.#chip, this.#close);
    this.element = make("article", { className: "card", tabIndex: -1 }, head, this.#live, this.#problem, this.#photo.element, this.#answer);
    this.element.setAttribute("aria-labelledby", this.#title.id);
    // Of hundreds of photos those that people look at: each takes several megabytes when it is decoded.
    whenInSight(this.element, () => decode(file).then((picture) => this.#photo.setPicture(picture)));
  }

  update(item) {
    this.element.dataset.phase = item.phase;
    this.#title.textContent = this.#title.title = item.name;
    this.#meta.textContent = item.size === null ? "" : bytes(item.size);
    const state = makeChip(outcomeOf(item.phase, item.job?.summary));
    this.#chip.replaceWith(state);
    this.#chip = state;
    const uploading = ["queued", "creating", "uploading"].includes(item.phase);
    this.#close.title = `${uploading ? "Cancel" : "Close"} ${item.name}`;
    this.#measure(item);
    this.#tell(item.problem);
    if (item.job && !this.#answered) this.#show(item.job);
    if (!item.job && this.#answered) this.#answered = false;
  }

  #measure(item) {
    const [words, fraction] = progressOf(item);
    this.#live.hidden = item.phase === "problem" || item.job !== null;
    this.element.setAttribute("aria-busy", String(isUnderWay(item)));
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#meter.classList.toggle("unknown", fraction === null);
    this.#meter.setAttribute("aria-valuetext", words);
    if (fraction === null) this.#meter.removeAttribute("aria-valuenow");
    else this.#meter.setAttribute("aria-valuenow", String(Math.floor(fraction * 100)));
    this.#bar.style.setProperty("--done", fraction ?? 1);
  }

  #tell(found) {
    moveFocus(this.#problem, this.element);
    this.#problem.hidden = found === null;
    if (found === null) return;
    const problem = found.code === "not-found" ? { ...found, ...NOT_YOURS } : found;
    const signIn = problem.code === "sign-in";
    const button = make("button", { type: "button", className: signIn ? "primary" : "quiet", textContent: signIn ? "Sign in" : problem.code === "unsent" ? "Send again" : "Try again" });
    button.addEventListener("click", () => (signIn ? this.actions.signIn() : this.actions.again()));
    this.#problem.title = problem.requestId ? `Request ${problem.requestId}` : "";
    this.#problem.replaceChildren(
      ...problemWords({ title: problem.title, detail: problem.detail, advice: signIn ? (this.#isOfFile ? "Then send it again." : "Then it opens here.") : problem.advice }),
      ...(mayTryAgain(problem) ? [make("p", { className: "problem-foot" }, button)] : []),
    );
  }

  #show(job) {
    this.#answered = true;
    this.#answeredAt = Date.now();
    const { summary, error, results = [] } = job;
    const parts = [];
    if (error) parts.push(make("div", { className: "problem" }, ...problemWords(error)));
    if (summary?.predictions && !error) {
      this.#photo.answer(summary);
      if (summary.reasons?.length) parts.push(reasonTable(summary.reasons));
    } else if (summary?.rows) parts.push(batch(summary));
    if (summary || results.length) parts.push(make("div", { className: "card-foot" }, summary ? listFacts(summary) : null, make("div", { className: "card-actions" }, results.length ? this.#downloads(results, job.name) : null, makeLinkButton(job))));
    this.#answer.replaceChildren(...parts);
    this.#answer.hidden = false;
  }

  #downloads(results, of) {
    const links = results.map(({ name, url, size_bytes: size }) => {
      const link = make("a", { className: "download", href: url, target: "_blank", rel: "noopener noreferrer", download: name }, `${name} `, make("span", { textContent: Number.isFinite(size) ? bytes(size) : "" }));
      link.setAttribute("aria-label", `${link.textContent} of ${of}`);
      link.addEventListener("click", (event) => this.#follow(event, link, name));
      return make("li", {}, link);
    });
    const list = make("ul", { className: "downloads" }, ...links);
    list.setAttribute("aria-label", "Downloads");
    return list;
  }

  async #follow(event, link, name) {
    if (Date.now() - this.#answeredAt < FRESH_MS) return;
    event.preventDefault();
    try {
      const fresh = (await this.actions.results()).find((result) => result.name === name);
      if (fresh) link.href = fresh.url;
    } catch {
      // the old address may still do, and says so itself when it does not
    }
    this.#answeredAt = Date.now();
    link.click();
  }
}

function problemWords({ title, detail, advice }) {
  return [make("p", { className: "problem-title", textContent: title }), make("p", { textContent: capitalizeSentence(detail) }), make("p", { className: "advice", textContent: advice ?? "" })];
}
