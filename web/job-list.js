// "Your jobs": what was uploaded before, newest first.

import { arrange, make, moveFocus } from "./dom.js";
import { makeChip, outcomeOf } from "./upload-card.js";
import { capitalizeSentence, count, moment } from "./words.js";

const element = (id) => document.getElementById(id);

export class JobList {
  #lines = new Map();
  #open;

  /** `open(id)` shows a job; `more()` reads on, or again after a problem. */
  constructor({ open, more }) {
    this.#open = open;
    element("jobs-more").addEventListener("click", more);
  }

  show({ jobs, next, state, problem }) {
    element("jobs").hidden = state === "unknown" && !jobs.length;
    arrange(element("job-list"), jobs.map((job) => this.#line(job)));
    const words = problem ? `${problem.title}. ${capitalizeSentence(problem.detail)}` : jobs.length ? "" : state === "loading" ? "Reading the list" : "None yet.";
    element("jobs-words").textContent = words;
    element("jobs-words").hidden = !words;
    const more = element("jobs-more");
    element("job-list").hidden = !jobs.length;
    moveFocus(more, element("job-list").lastElementChild?.firstChild, !(problem || next));
    more.hidden = !(problem || next);
    more.textContent = problem ? "Try again" : "More";
    more.setAttribute("aria-label", problem ? "Try to read the list again" : "More of your jobs");
    more.setAttribute("aria-disabled", String(state === "loading")); // not disabled: that would take the focus away
  }

  #line(job) {
    let line = this.#lines.get(job.id);
    if (!line) {
      const button = make("button", { type: "button", className: "job" });
      button.addEventListener("click", () => this.#open(job.id));
      line = make("li", {}, button);
      this.#lines.set(job.id, line);
    }
    const text = JSON.stringify(job);
    if (line.shown === text) return line;
    line.shown = text;
    const told = [moment(job.created_at), Number.isFinite(job.rows) ? count(job.rows, "row") : "", job.failed ? `${count(job.failed)} failed` : ""].filter(Boolean);
    line.firstChild.replaceChildren(make("span", { className: "job-name", textContent: job.name, title: job.name }), makeChip(outcomeOf(job.state, job)), make("span", { className: "job-told", textContent: told.join(" · ") }));
    return line;
  }
}
