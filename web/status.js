// "#status": what runs, for operators. It is read again while somebody looks, and what was read last stays when that fails.

import { arrange, make } from "./dom.js";
import { Problem } from "./problem.js";
import { describeAlarm, describePart, PARTS, summarize } from "./status-words.js";
import { capitalizeSentence, count, moment } from "./words.js";

const HASH = "#status";
const GROUP = "operators";
const AGAIN_MS = 20_000;
const JOB_STATES = { waiting: "Waiting", processing: "Processing", succeeded: "Done", failed: "Failed" };
const CHIPS = { good: "succeeded", bad: "failed", busy: "processing" };

const element = (id) => document.getElementById(id);

/** Whether a token's claims are an operator's; the API decides, this only shows the way. */
export const isOperator = (claims) => claims["cognito:groups"]?.includes(GROUP) ?? false;

export class StatusView {
  #ask;
  #say;
  #signIn;
  #manifest = null;
  #timer = 0;
  #status = null;
  #turn = 0;
  #parts = new Map();

  /** ask() gives GET /status, or throws a Problem; say(text) tells screen readers; signIn() leaves for the sign-in pages. */
  constructor({ ask, say, signIn }) {
    this.#ask = ask;
    this.#say = say;
    this.#signIn = signIn;
    element("status-again").addEventListener("click", () => this.#read({ isAsked: true }));
    addEventListener("hashchange", () => this.#follow());
    document.addEventListener("visibilitychange", () => this.#isOpen && !document.hidden && this.#read());
    this.#follow();
  }

  /** Show the way here to who may see it. */
  offer(isOffered) {
    element("status-link").hidden = !isOffered;
  }

  /** What the model that answers says of itself. */
  setModel(manifest) {
    this.#manifest = manifest;
    if (this.#isOpen && this.#status) this.#show();
  }

  get #isOpen() {
    return document.body.dataset.view === "status";
  }

  #follow() {
    const isHere = location.hash === HASH;
    if (isHere === this.#isOpen) return;
    if (!isHere) return this.#close();
    document.body.dataset.view = "status";
    element("status-link").setAttribute("aria-current", "page");
    scrollTo(0, 0);
    element("status-title").focus();
    this.#read({ isAsked: true });
  }

  #close() {
    clearTimeout(this.#timer);
    this.#turn += 1;
    delete document.body.dataset.view;
    element("status-link").removeAttribute("aria-current");
  }

  async #read({ isAsked = false } = {}) {
    clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    element("status").setAttribute("aria-busy", "true");
    const before = element("status-summary").textContent;
    try {
      const status = await this.#ask();
      if (turn !== this.#turn) return;
      this.#status = status;
      this.#show();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (turn !== this.#turn) return;
      this.#fail(error);
    }
    element("status").setAttribute("aria-busy", "false");
    const summary = element("status-summary").textContent;
    if (isAsked || summary !== before) this.#say(summary);
    if (!document.hidden) this.#timer = setTimeout(() => this.#read(), AGAIN_MS);
  }

  #show() {
    const [mood, sentence] = summarize(this.#status);
    this.#summarize(mood, sentence);
    element("status-problem").replaceChildren();
    element("status-at").textContent = `${this.#status.stage}, ${this.#status.recipe}, as of ${new Date(this.#status.at).toLocaleTimeString("en-GB")}`;
    arrange(element("status-parts"), Object.keys(PARTS).map((name) => this.#part(name)));
  }

  #fail({ title, detail, advice, code }) {
    this.#summarize("bad", this.#status ? `Not read just now: ${title}. What is below is older.` : `${title}.`);
    const button = code === "sign-in" ? make("button", { type: "button", className: "primary", textContent: "Sign in" }) : null;
    button?.addEventListener("click", this.#signIn);
    element("status-problem").replaceChildren(make("p", { textContent: [detail, advice].map(capitalizeSentence).filter(Boolean).join(" ") }), ...(button ? [button] : []));
  }

  #summarize(mood, sentence) {
    element("status-summary").dataset.mood = mood;
    element("status-summary").textContent = sentence;
  }

  /** A part's section: the one that stands there, unless it says something else now, so that what is open or focused stays. */
  #part(name) {
    const described = describePart(name, this.#status, this.#manifest);
    const text = JSON.stringify([described, this.#status[name]]);
    const before = this.#parts.get(name);
    if (before?.text === text) return before.section;
    const section = this.#build(name, described);
    const details = section.querySelector("details");
    if (details) details.open = before?.section.querySelector("details")?.open ?? false;
    this.#parts.set(name, { text, section });
    return section;
  }

  #build(name, { mood, word, lines }) {
    const part = this.#status[name];
    const head = make("h2", { id: `status-${name}`, textContent: PARTS[name] });
    const section = make("section", { className: "status-part" }, make("div", { className: "status-head" }, head, word ? chip(mood, word) : null), ...lines.map((textContent) => make("p", { textContent })));
    section.setAttribute("aria-labelledby", head.id);
    section.dataset.part = name;
    if (name === "alarms" && part) section.append(listAlarms(part.alarms));
    if (name === "jobs" && part?.newest.length) section.append(tableJobs(part.newest));
    return section;
  }
}

function chip(mood, textContent) {
  const mark = make("span", { className: "chip", textContent });
  mark.dataset.state = CHIPS[mood];
  return mark;
}

/** Raised alarms in sight, the others one click away. */
function listAlarms(alarms) {
  const list = (chosen) => make("ul", { className: "status-alarms" }, ...chosen.map(alarmLine));
  const raised = alarms.filter(({ state }) => state === "ALARM");
  const others = alarms.filter(({ state }) => state !== "ALARM");
  const rest = others.length ? make("details", {}, make("summary", { textContent: `${raised.length ? "The other " : ""}${count(others.length, "alarm")}` }), list(others)) : null;
  return make("div", {}, raised.length ? list(raised) : null, rest);
}

function alarmLine(alarm) {
  const [mood, word] = describeAlarm(alarm);
  return make("li", {}, chip(mood, word), make("span", { className: "status-alarm" }, make("span", { textContent: alarm.description || alarm.name }), make("span", { className: "soft", textContent: `${alarm.name}, since ${moment(alarm.since)}` })));
}

function tableJobs(jobs) {
  const heads = ["When", "State", "Rows", "From", "Id"];
  const cell = (textContent) => make("td", { textContent });
  const rows = jobs.map(({ id, source, state, created_at: at, rows: all, failed, problem }) => {
    const told = make("td", {}, chip({ failed: "bad", succeeded: "good" }[state] ?? "busy", JOB_STATES[state] ?? state), problem ? ` ${problem}` : "");
    return make("tr", {}, make("th", { scope: "row", textContent: at ? moment(at) : "Not known" }), told, cell(all === null ? (state === "failed" ? "None" : "None yet") : failed ? `${count(all)}, ${count(failed)} failed` : count(all)), cell(source === "inbox" ? "Inbox" : "API"), make("td", {}, make("code", { textContent: id })));
  });
  const table = make("table", {}, make("caption", { className: "hidden", textContent: "Newest jobs of all callers" }), make("thead", {}, make("tr", {}, ...heads.map((textContent) => make("th", { scope: "col", textContent })))), make("tbody", {}, ...rows));
  const scroll = make("div", { className: "status-table", tabIndex: 0, role: "region", ariaLabel: "Table of the newest jobs" }, table);
  return scroll;
}
