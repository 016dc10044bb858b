// The right-hand side: the answer, the bars, what the model saw, and problems in words.

import { formatValue } from "./numbers.js";
import { NO_DIGIT, confidence, duration, percent, sentence } from "./words.js";

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

export class Result {
  #root;
  #labels = [];
  #cells = [];
  #said = null;
  #target = null; // what a model that takes numbers answers
  unreachable = false; // what is shown is that the network is down

  constructor(root) {
    this.#root = root;
    this.setLabels(DIGITS);
  }

  /** Lay out one bar for each label. */
  setLabels(labels) {
    if (labels.join() === this.#labels.join()) return;
    this.#labels = labels;
    this.#cells = labels.map((label) => {
      const row = document.createElement("tr");
      const head = Object.assign(document.createElement("th"), { scope: "row", textContent: label });
      const cell = document.createElement("td");
      const line = Object.assign(document.createElement("span"), { className: "line" }); // a cell laid out as flex would no longer be a cell
      const track = Object.assign(document.createElement("span"), { className: "track" });
      track.setAttribute("aria-hidden", "true");
      const bar = Object.assign(document.createElement("span"), { className: "bar" });
      const value = Object.assign(document.createElement("span"), { className: "value", textContent: "–" });
      track.append(bar);
      line.append(track, value);
      cell.append(line);
      row.append(head, cell);
      return { row, bar, value };
    });
    this.#element("bars").replaceChildren(...this.#cells.map(({ row }) => row));
  }

  /** Answer a value with its unit from now on, instead of a label. */
  setTarget(target) {
    this.#target = target;
    this.#empty();
  }

  /** What an answer can be. */
  get labels() {
    return this.#labels;
  }

  /** Show a state of the predictor. */
  show(state) {
    this.#root.dataset.state = state.kind;
    this.unreachable = state.problem?.code === "unreachable";
    this.#root.setAttribute("aria-busy", String(state.kind === "busy" || state.kind === "starting"));
    if (state.kind === "busy") return; // the last answer stays, dimmed, so that nothing jumps
    this.#element("problem").hidden = state.kind !== "problem";
    if (state.kind === "answer") this.#answer(state);
    else if (state.kind === "problem") this.#problem(state);
    else if (state.kind === "starting") this.#starting();
    else this.#empty();
  }

  /** Say something to screen readers, politely. */
  say(text) {
    this.#element("status").textContent = text;
  }

  #answer({ answer, latencyMs, asked }) {
    const [prediction] = answer.predictions;
    const { label, probabilities, pixels, value, verdict } = prediction;
    this.#quiet();
    this.#element("latency").textContent = duration(latencyMs);
    this.setModel(answer.model);
    if (this.#target) return this.#value(value, asked);
    this.#element("digit").textContent = verdict === NO_DIGIT ? "?" : label;
    this.#element("sentence").textContent = sentence(prediction);
    this.#element("confidence").textContent = confidence(prediction);
    this.#bars(probabilities, this.#labels.indexOf(label));
    this.#saw(pixels);
    this.say(`${sentence(prediction)}, ${confidence(prediction)}`);
  }

  #value(value, asked) {
    const { target, unit } = this.#target;
    this.#element("sentence").textContent = `${formatValue(value)} ${unit}`;
    this.#element("confidence").textContent = `${target} for ${asked}`;
    this.say(`${target} for ${asked}: ${formatValue(value)} ${unit}`);
  }

  /** Say which model answers. */
  setModel({ name, version, variant } = {}) {
    for (const [id, text] of Object.entries({ model: name, version, variant })) {
      if (!text) continue;
      this.#element(id).textContent = text;
      this.#element(id).title = text;
    }
  }

  #problem({ problem, retryInS }) {
    this.#blank();
    this.#element("problem-title").textContent = problem.title;
    this.#element("problem-detail").textContent = problem.detail;
    this.#element("problem-advice").textContent = problem.advice;
    this.#element("problem").title = problem.requestId ? `Request ${problem.requestId}` : "";
    const signIn = problem.code === "sign-in";
    this.#element("problem-sign-in").hidden = !signIn;
    this.#element("retry").hidden = !problem.isTemporary;
    this.#element("retry").textContent = retryInS === null ? "Try again" : "Try now";
    this.#element("countdown").textContent = retryInS === null ? "" : `Trying again in ${retryInS} s`;
    if (this.#said === problem.title + problem.detail) return; // said once; a countdown is not read out every second
    this.#said = problem.title + problem.detail;
    const again = retryInS === null ? "" : ` Trying again in ${retryInS} seconds.`;
    this.say("");
    this.#element("alert").textContent = `${problem.title}. ${problem.detail} ${problem.advice}${again}`;
  }

  #quiet() {
    this.#said = null;
    this.#element("alert").textContent = "";
  }

  #empty() {
    this.#quiet();
    this.#blank();
    this.#element("sentence").textContent = this.#target ? "Nothing to predict from yet" : "Nothing to read yet";
    this.#element("confidence").textContent = this.#target ? "Enter a number." : "Draw, or try a sample.";
    this.say("");
  }

  #starting() {
    this.#quiet();
    this.#blank();
    this.#element("sentence").textContent = "The model is starting";
    this.#element("confidence").textContent = "After a quiet time this takes seconds, at times a minute.";
    this.say("The model is starting.");
  }

  #blank() {
    this.#element("digit").textContent = "";
    this.#element("latency").textContent = "–";
    this.#bars([], -1);
    this.#saw(null);
  }

  #bars(probabilities, best) {
    this.#cells.forEach(({ row, bar, value }, i) => {
      const probability = probabilities[i] ?? 0;
      row.classList.toggle("best", i === best);
      bar.style.setProperty("--probability", probability);
      value.textContent = i in probabilities ? percent(probability) : "–";
    });
  }

  #saw(pixels) {
    const canvas = this.#element("seen");
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    canvas.setAttribute("aria-label", pixels ? "What the model saw: the picture as 28 by 28 grey pixels" : "What the model saw: nothing yet");
    if (!pixels) return;
    const image = context.createImageData(canvas.width, canvas.height);
    pixels.forEach((grey, i) => image.data.set([grey, grey, grey, 255], i * 4));
    context.putImageData(image, 0, 0);
  }

  #element(id) {
    return document.getElementById(id);
  }
}
