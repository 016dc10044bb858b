// The pad: a canvas to draw on with mouse, touch or pen, or to lay a picture on. Themes change what is shown, never what is sent.

import { extend, paint, PEN, takeBeginning } from "./strokes.js";

const SENT_SIDE = 168; // six times what the model sees: enough for a digit drawn small, and cheap to decode
const WRITING_MS = 420;

export class Pad extends EventTarget {
  // Fires "start" when a stroke begins, "move" while it is drawn, "change" when what would be sent changed by a hand, an undo or a clear.
  #canvas;
  #strokes = [];
  #picture = null;
  #pointer = null;
  #frame = 0;
  #writing = null;
  #turn = 0;
  tool = { width: PEN, erase: false }; // of the strokes to come
  isFixed = false; // nothing is drawn on it: it shows pictures alone

  constructor(canvas) {
    super();
    this.#canvas = canvas;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, (event) => this.#up(event));
    new ResizeObserver(() => this.#fit()).observe(canvas);
    matchMedia("screen and (prefers-color-scheme: dark)").addEventListener("change", () => this.#draw()); // also before paper
  }

  get empty() {
    return this.#strokes.length === 0 && this.#picture === null;
  }

  get drawing() {
    return this.#pointer !== null;
  }

  get strokes() {
    return this.#strokes;
  }

  /** What is to be kept of it: the picture's text by itself, or the strokes. */
  get kept() {
    return this.#picture ? [this.#picture.text] : this.#strokes;
  }

  /** Counts what people did: who comes back late from decoding a file sees that something newer happened. */
  get turn() {
    return this.#turn;
  }

  newTurn() {
    return ++this.#turn;
  }

  /** Take a drawing; written out stroke by stroke when `written`. */
  setStrokes(strokes, { written = false } = {}) {
    this.newTurn();
    this.#strokes = structuredClone(strokes);
    this.#picture = null;
    this.#pointer = null;
    this.#writing = written && !matchMedia("(prefers-reduced-motion: reduce)").matches ? performance.now() : null;
    this.#redraw();
  }

  /** Lay a picture on the pad: an ImageBitmap to show, the blob to send, and the same as text, to be kept. */
  setPicture(bitmap, blob, text) {
    this.#strokes = [];
    this.#pointer = null;
    this.#picture?.bitmap.close();
    this.#picture = { bitmap, blob, text };
    this.#redraw();
  }

  undo() {
    if (this.empty) return;
    if (this.#picture) this.#dropPicture();
    else this.#strokes.pop();
    this.#changed();
  }

  clear() {
    if (this.empty) return;
    this.#dropPicture();
    this.#strokes = [];
    this.#pointer = null;
    this.#changed();
  }

  /** What to send: the picture as it came, or the drawing as a PNG with ink bright on black, as MNIST has it. */
  async toBlob() {
    if (this.#picture) return this.#picture.blob;
    const [ink, paper] = [0, 1].map(() => Object.assign(document.createElement("canvas"), { width: SENT_SIDE, height: SENT_SIDE }));
    paint(ink.getContext("2d"), this.#strokes, SENT_SIDE, "#fff");
    paper.getContext("2d", { alpha: false }).drawImage(ink, 0, 0); // black, and a PNG without transparency, which takes less to decode
    return new Promise((resolve) => paper.toBlob(resolve, "image/png"));
  }

  #down(event) {
    if (this.isFixed || this.#pointer !== null || event.button !== 0) return; // one hand at a time: a resting palm draws nothing
    if (this.tool.erase && !this.#strokes.length) return; // there is nothing to take away, and a picture is cleared as a whole
    event.preventDefault();
    this.#canvas.setPointerCapture(event.pointerId);
    this.newTurn();
    this.#dropPicture();
    this.#writing = null;
    this.#pointer = event.pointerId;
    this.#strokes.push({ ...this.tool, points: [] });
    this.#add(event);
    this.dispatchEvent(new Event("start"));
  }

  #move(event) {
    if (event.pointerId !== this.#pointer) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const each of between.length ? between : [event]) this.#add(each);
    this.dispatchEvent(new Event("move"));
  }

  #up(event) {
    if (event.pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#changed();
  }

  #add(event) {
    const box = this.#canvas.getBoundingClientRect();
    if (extend(this.#strokes.at(-1), [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height])) this.#redraw();
  }

  #dropPicture() {
    this.#picture?.bitmap.close();
    this.#picture = null;
  }

  #changed() {
    this.newTurn();
    this.#writing = null;
    this.#redraw();
    this.dispatchEvent(new Event("change"));
  }

  #fit() {
    const side = Math.round(this.#canvas.clientWidth * devicePixelRatio);
    if (this.#canvas.width !== side || this.#canvas.height !== side) {
      this.#canvas.width = this.#canvas.height = side;
      this.#draw();
    }
  }

  #redraw() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    this.#frame = 0;
    const side = this.#canvas.width;
    const context = this.#canvas.getContext("2d");
    context.clearRect(0, 0, side, side);
    if (this.#picture) {
      const { width, height } = this.#picture.bitmap;
      const scale = side / Math.max(width, height);
      context.drawImage(this.#picture.bitmap, (side - width * scale) / 2, (side - height * scale) / 2, width * scale, height * scale);
      return;
    }
    paint(context, this.#shown(), side, getComputedStyle(this.#canvas).color);
  }

  #shown() {
    if (this.#writing === null) return this.#strokes;
    const done = (performance.now() - this.#writing) / WRITING_MS;
    if (done >= 1) {
      this.#writing = null;
      return this.#strokes;
    }
    this.#redraw();
    const total = this.#strokes.reduce((sum, { points }) => sum + points.length, 0);
    return takeBeginning(this.#strokes, Math.ceil(done * total));
  }
}
