// The right-hand side: the answer, the bars, what the model saw, and problems in words.

import { make, moveFocus } from "./dom.js";
import { describeLabel, describeValue, formatValue, toNoun } from "./numbers.js";
import { Photo } from "./photo.js";
import { NO_DIGIT, capitalizeSentence, confidence, count, duration, percent, readOut, sentence } from "./words.js";

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const MOST_BARS = 5; // of answers in order
const ONLY_VARIANT = "AllTraffic"; // SageMaker's name for the one variant of an endpoint without an A/B test: it says nothing

export class Result {
  #root;
  #labels = [];
  #cells = [];
  #said = null;
  #target = null; // what a model that takes numbers answers
  #seen = null; // the picture that is shown as what the model saw
  #isRanked = false; // the most probable answers alone have bars, in their order
  unreachable = false; // what is shown is that the network is down
  onChoose = () => {}; // hears which digit of a page is looked at

  constructor(root) {
    this.#root = root;
    this.setLabels(DIGITS);
  }

  /** Lay out one bar for each label. */
  setLabels(labels) {
    if (labels.join() === this.#labels.join()) return;
    this.#labels = labels;
    this.#cells = labels.map((label) => {
      const bar = make("span", { className: "bar" });
      const track = make("span", { className: "track" }, bar);
      track.setAttribute("aria-hidden", "true");
      const value = make("span", { className: "value", textContent: "–" });
      const line = make("span", { className: "line" }, track, value); // a cell laid out as flex would no longer be a cell
      return { row: make("tr", {}, make("th", { scope: "row", textContent: label }), make("td", {}, line)), bar, value };
    });
    this.#element("bars").replaceChildren(...this.#cells.map(({ row }) => row));
    if (this.#isRanked) this.#order([]);
  }

  /** Show the most probable answers in their order, from now on: names have no order of their own. */
  rank() {
    this.#isRanked = true;
    this.#element("bars-caption").textContent = "The five most probable answers";
    this.#element("bars-label").textContent = "Answer";
    this.#bars([], -1);
    if (this.#root.dataset.state === "empty") this.#empty();
  }

  /** Answer a value with its unit, or a class of a table's row, from now on. */
  setTarget(target) {
    this.#target = target;
    if (this.#answersLabel) {
      this.#element("bars-caption").textContent = `Probability of each ${toNoun(target.target)}`;
      this.#element("bars-label").textContent = target.target;
    }
    if (this.#root.dataset.state === "empty") this.#empty();
  }

  /** Whether a problem is what is shown. */
  get isProblem() {
    return this.#root.dataset.state === "problem";
  }

  /** What an answer can be. */
  get labels() {
    return this.#labels;
  }

  /** Show a state of the predictor. */
  show(state) {
    const before = this.#root.dataset.state;
    this.#root.dataset.state = state.kind;
    this.unreachable = state.problem?.code === "unreachable";
    this.isOlder = state.problem?.code === "older";
    this.#root.setAttribute("aria-busy", String(state.kind === "busy" || state.kind === "starting"));
    if (state.kind === "busy") return before === "empty" && this.#wait("Reading it", "One moment."); // another answer stays, dimmed, so that nothing jumps
    moveFocus(this.#element("problem"), this.#root, state.kind !== "problem"); // from a button that goes
    this.#element("problem").hidden = state.kind !== "problem";
    this.#several(state);
    if (state.kind === "answer" || state.kind === "guess") this.#answer(state);
    else if (state.kind === "problem") this.#problem(state);
    else if (state.kind === "starting") this.#starting();
    else this.#empty();
  }

  /** Say something to screen readers, politely. */
  say(text) {
    this.#element("spoken").textContent = text;
  }

  #answer({ kind, answer, latencyMs, asked, page }) {
    const [prediction] = answer.predictions;
    const { label, probabilities, pixels, seen, value, verdict } = prediction;
    this.#quiet();
    this.#setFact("latency", duration(latencyMs));
    this.setModel(answer.model);
    if (this.#answersLabel) return this.#class(prediction, asked);
    if (this.#target) return this.#value(value, asked);
    if (page) return this.#tell(`${count(page.predictions.length, "digit")} on it`, "Each was read by itself, in reading order.", readOut(page.predictions));
    if (!this.#isRanked) this.#element("digit").textContent = verdict === NO_DIGIT ? "?" : label;
    this.#bars(probabilities, verdict === NO_DIGIT ? -1 : this.#labels.indexOf(label)); // of what is none, no digit stands out
    if (seen) this.#drawSeen(seen);
    else this.#saw(pixels);
    if (kind === "guess") return this.#write(sentence(prediction), "So far. Go on drawing."); // spoken when it is finished
    return this.#tell(sentence(prediction), confidence(prediction));
  }

  /** Whether the model takes a table's row, and answers one of a few classes. */
  get #answersLabel() {
    return this.#target?.kind === "classification";
  }

  #class(prediction, asked) {
    const words = describeLabel(prediction, this.#target, asked);
    this.#bars(prediction.probabilities, this.#labels.indexOf(prediction.label));
    this.#write(prediction.label, words);
    this.say(words);
  }

  #value(value, asked) {
    this.#write(`${formatValue(value)} ${this.#target.unit}`, describeValue(value, this.#target, asked));
    this.say(describeValue(value, this.#target, asked));
  }

  /** Show every digit of a picture with its box, in place of the bars of one. */
  #several({ page = null }) {
    this.#root.classList.toggle("of-several", page !== null);
    const place = this.#element("page-answer");
    if (page === null) return place.replaceChildren();
    const photo = new Photo("The picture", (index) => this.onChoose(page.answer, index), () => this.#labels);
    photo.setPicture(page.picture);
    place.replaceChildren(photo.element);
    this.#blank();
    photo.answer({ ...page, succeeded: page.predictions.length, unread_count: page.unread.length });
  }

  /** Say which model answers. */
  setModel({ name, version, variant } = {}) {
    for (const [id, text] of Object.entries({ model: name, version, variant })) {
      if (text) this.#setFact(id, text);
    }
    if (variant) this.#element("variant").parentElement.hidden = variant === ONLY_VARIANT;
  }

  /** A fact that is known is read out; a dash is not. */
  #setFact(id, text) {
    const fact = this.#element(id);
    fact.textContent = text;
    fact.parentElement.ariaHidden = String(text === "–");
  }

  #problem({ problem, retryInS }) {
    this.#blank();
    const detail = capitalizeSentence(problem.detail);
    this.#element("problem-title").textContent = problem.title;
    this.#element("problem-detail").textContent = detail;
    this.#element("problem-advice").textContent = problem.advice;
    this.#element("problem-request").textContent = problem.requestId ? `Request ${problem.requestId}` : "";
    const signIn = problem.code === "sign-in";
    this.#element("problem").classList.toggle("calm", signIn || retryInS !== null); // nothing went wrong
    this.#element("problem-sign-in").hidden = !signIn;
    this.#element("retry").hidden = !(problem.isTemporary || this.isOlder);
    this.#element("retry").textContent = this.isOlder ? "Reload" : retryInS === null ? "Try again" : "Try now";
    this.#element("countdown").textContent = retryInS === null ? "" : `Trying again in ${retryInS} s`;
    if (this.#said === problem.title + problem.detail) return; // said once; a countdown is not read out every second
    this.#said = problem.title + problem.detail;
    const again = retryInS === null ? "" : ` Trying again in ${retryInS} seconds.`;
    this.say("");
    this.#element("alert").textContent = `${problem.title}. ${detail} ${problem.advice}${again}`;
  }

  #quiet() {
    this.#said = null;
    this.#element("alert").textContent = "";
  }

  #empty() {
    this.#quiet();
    this.#blank();
    if (this.#answersLabel) this.#write("Nothing to predict from yet", "Fill in what is known, or try an example.");
    else if (this.#target) this.#write("Nothing to predict from yet", "Enter a number, or try an example.");
    else if (this.#isRanked) this.#write("Nothing to look at yet", "Choose a photo, or try the example.");
    else this.#write("Nothing to read yet", "Draw, or try an example.");
    this.say("");
  }

  #starting() {
    this.#quiet();
    this.#wait("The model is starting", "After a quiet time this takes seconds, at times a minute. It goes on by itself.");
    this.say("The model is starting.");
  }

  #wait(title, detail) {
    this.#blank();
    this.#write(title, detail);
  }

  #tell(title, detail, spoken = detail) {
    this.#write(title, detail);
    this.say(`${title}, ${spoken}`);
  }

  #write(title, detail) {
    this.#element("sentence").textContent = title;
    this.#element("confidence").textContent = detail;
  }

  #blank() {
    this.#element("digit").textContent = "";
    this.#setFact("latency", "–"); // of an answer that is gone
    this.#bars([], -1);
    this.#saw(null);
  }

  #bars(probabilities, best) {
    this.#element("bars-table").ariaHidden = String(!probabilities.length); // ten dashes tell nothing
    if (this.#isRanked) this.#order(probabilities);
    this.#cells.forEach(({ row, bar, value }, i) => {
      const probability = probabilities[i] ?? 0;
      row.classList.toggle("best", i === best);
      bar.style.setProperty("--probability", probability);
      value.textContent = i in probabilities ? percent(probability) : "–";
    });
  }

  #order(probabilities) {
    const places = this.#cells.map((_, i) => i).sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0));
    this.#element("bars").replaceChildren(...places.slice(0, MOST_BARS).map((i) => this.#cells[i].row));
  }

  /** Show the picture that the model saw: a data: URL of a PNG. */
  async #drawSeen(seen) {
    this.#seen = seen;
    const bytes = Uint8Array.from(atob(seen.slice(seen.indexOf(",") + 1)), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    if (this.#seen !== seen) return; // a newer answer is there
    const canvas = Object.assign(this.#element("seen"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    canvas.setAttribute("aria-label", `What the model saw: the picture as ${bitmap.width} by ${bitmap.height} pixels`);
    this.#element("seen-figure").ariaHidden = "false";
  }

  #saw(pixels) {
    this.#seen = null;
    const canvas = this.#element("seen");
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    this.#element("seen-figure").ariaHidden = String(!pixels);
    if (!pixels) return;
    const image = context.createImageData(canvas.width, canvas.height);
    pixels.forEach((grey, i) => image.data.set([grey, grey, grey, 255], i * 4));
    context.putImageData(image, 0, 0);
  }

  #element(id) {
    return document.getElementById(id);
  }
}
