// The drawing: the pad with its pen, eraser and brush, what its keys do, and the ten digits to try.

import { make } from "./dom.js";
import { Pad } from "./pad.js";
import { SAMPLES } from "./samples.js";
import { paint } from "./strokes.js";

const SAMPLE_SIDE = 72;
const THICKNESSES = [[0.06, "thin"], [0.1, "medium"], [Infinity, "thick"]];

const element = (id) => document.getElementById(id);

/** Show what the pad holds, in words and in what surrounds it. */
export function describePad(pad) {
  element("frame").classList.toggle("empty", pad.empty);
  const strokes = pad.strokes.length;
  const words = pad.empty ? "empty" : strokes ? `${strokes} ${strokes === 1 ? "stroke" : "strokes"}` : "a picture";
  const photo = pad.empty ? "No photo yet" : "The photo";
  element("pad").setAttribute("aria-label", pad.isFixed ? photo : `Drawing area: ${words}`);
}

/** Make the pad; the predictor hears of every stroke. `active()`: whether keys are meant for it. */
export function wireDrawing(predictor, active) {
  const pad = new Pad(element("pad"));
  pad.addEventListener("start", () => {
    predictor.hold();
    describePad(pad);
  });
  pad.addEventListener("move", () => predictor.guess());
  pad.addEventListener("change", () => {
    describePad(pad);
    if (pad.empty) predictor.reset();
    else predictor.soon();
  });
  wireTools(pad);
  addEventListener("keydown", (event) => {
    if (!active() || event.target.matches?.("input:not([type=range])")) return;
    if (event.key === "Escape") pad.clear();
    else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey) pad.undo();
    else return;
    event.preventDefault();
  });
  describePad(pad);
  return pad;
}

function wireTools(pad) {
  const brush = element("brush");
  const eraser = element("eraser");
  const choose = () => {
    const width = Number(brush.value);
    pad.tool = { width: pad.tool.erase ? 2 * width : width, erase: pad.tool.erase };
    brush.setAttribute("aria-valuetext", THICKNESSES.find(([most]) => width < most)[1]);
  };
  brush.addEventListener("input", choose);
  eraser.addEventListener("click", () => {
    pad.tool.erase = !pad.tool.erase;
    eraser.setAttribute("aria-pressed", String(pad.tool.erase));
    element("frame").classList.toggle("erasing", pad.tool.erase);
    choose();
  });
  element("undo").addEventListener("click", () => pad.undo());
  element("clear").addEventListener("click", () => pad.clear());
  choose();
}

/** Ten handwritten digits as buttons; `take(strokes)` gets the one that was chosen. */
export function wireSamples(take) {
  const buttons = SAMPLES.map((strokes, digit) => {
    const canvas = make("canvas", { width: SAMPLE_SIDE, height: SAMPLE_SIDE });
    const button = make("button", { type: "button", className: "sample" }, canvas);
    button.setAttribute("aria-label", `Try a handwritten ${digit}`);
    button.addEventListener("click", () => take(strokes));
    return button;
  });
  element("samples").replaceChildren(...buttons);
  const draw = () => {
    for (const [digit, button] of buttons.entries()) {
      const context = button.firstChild.getContext("2d");
      context.clearRect(0, 0, SAMPLE_SIDE, SAMPLE_SIDE);
      paint(context, SAMPLES[digit], SAMPLE_SIDE, getComputedStyle(button).color);
    }
  };
  draw();
  matchMedia("screen and (prefers-color-scheme: dark)").addEventListener("change", draw);
}
