// Examples for those who have no file at hand: a photo of digits, and a batch that is made here for the model that answers.

import { listExamples } from "./numbers.js";
import { Problem } from "./problem.js";
import { SAMPLES } from "./samples.js";
import { paint } from "./strokes.js";

const SIDE = 28;
const SHIFTS = [[0, 0], [1, 0], [-1, 1], [0, -1], [1, 1]]; // px: so that a batch has more than ten rows

/** A photo of digits on paper, or a picture of a thing, as a file. */
export async function fetchPhoto(isOfThing) {
  const name = isOfThing ? "example-thing.jpg" : "example-photo.jpg";
  const response = await fetch(name).catch(() => null);
  if (!response?.ok) throw new Problem("The example is not there", `${name} could not be fetched.`, "Try a photo of your own.");
  return new File([await response.blob()], name, { type: "image/jpeg" });
}

/** Fifty digits with their labels as CSV: a row each, 784 values from 0 to 255. */
export function makeDigitBatch() {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const rows = SAMPLES.flatMap((strokes, digit) =>
    SHIFTS.map(([x, y]) => {
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, SIDE, SIDE);
      context.translate(x, y);
      paint(context, strokes, SIDE, "#fff");
      const alphas = context.getImageData(0, 0, SIDE, SIDE).data.filter((_, i) => i % 4 === 3);
      return [digit, ...alphas].join(",");
    }),
  );
  const head = ["label", ...Array.from({ length: SIDE * SIDE }, (_, i) => `pixel${i}`)].join(",");
  return new File([[head, ...rows].join("\n")], "example-digits.csv", { type: "text/csv" });
}

/** A few rows that the model knows well, as CSV under the features' names; null where it does not say what it knows. */
export function makeNumberBatch(features) {
  const rows = listExamples(features);
  if (!rows.length) return null;
  return new File([[features.map(({ name }) => name), ...rows].map((row) => row.map(quote).join(",")).join("\n")], "example-rows.csv", { type: "text/csv" });
}

/** A cell of a CSV: in quotes where a reader would see more than one in it. */
const quote = (cell) => (/[",\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell ?? ""));
