// What is known of the model that answers: how good it is, how it was made, and what it is not for. From its manifest, in plain words.

import { barTable, make } from "./dom.js";
import { describeR2, formatValue } from "./numbers.js";
import { countAnswers, plotCalibration } from "./plots.js";
import { bytes, count, percent } from "./words.js";

// How the kinds of pictures that it was measured on are made.
const KINDS = {
  clean: "as MNIST has them",
  shifted: "anywhere in the picture",
  scaled: "half to twice the size",
  rotated: "turned by up to 15°",
  inverted: "dark on white",
  canvas: "drawn on a page",
  "thin pen": "drawn with a thin pen",
  photo: "photographed",
  paper: "on paper in bad light",
  "flagged one": "a 1 with an upstroke",
  print: "printed",
};

/** 0.9959 → "4 of 1,000 wrong". */
export const describeWrong = (accuracy) => `${Math.round((1 - accuracy) * 1000)} of 1,000 wrong`;

/**
 * The sections of a manifest that has them, as elements. `takes` is what config.json calls the input: pictures are drawn, photos are not.
 * `limits` are sentences about the recipe's own models: those that answer a label tell how far to trust it.
 */
export function buildCard(manifest, { input: takes, limits = [] }) {
  const { metrics = {}, input = {}, output = {} } = manifest;
  const isOfDrawings = takes === "pictures";
  const isFromElsewhere = isOfDrawings && output.kind === "classification" && !output.trust;
  const parts = [
    section("What it is", facts(manifest)),
    metrics.robustness ? section("How often it is wrong", ...describeRobustness(metrics, isOfDrawings)) : null,
    metrics.calibration?.length ? section("How sure it is, and how often right", ...describeCalibration(metrics.calibration)) : null,
    metrics.trust ? section("What is no digit", ...describeTrust(metrics.trust)) : null,
    "r2" in metrics ? section("How good it is", ...describeRegression(manifest)) : null,
    limits.length && !isFromElsewhere ? section("What it is not for", make("ul", {}, ...limits.map((textContent) => make("li", { textContent })))) : null,
  ];
  return parts.filter(Boolean);
}

const section = (title, ...children) => make("section", { className: "card-section" }, make("h3", { textContent: title }), ...children);
const paragraph = (textContent) => make("p", { textContent });

const describePicture = ([height, width, channels]) => `a picture of ${height} × ${width} pixels${channels > 1 ? " in colour" : ""}`;

function facts({ name, version, labels = [], input = {}, output = {}, size_bytes: size, provenance = {}, metrics = {} }) {
  const { images, rows, trained_at: at } = provenance;
  const learned = images ? count(images.train, "picture") : rows ? count(rows.train, "row") : null;
  const known = [
    ["Name", name],
    ["Version", version],
    ["Takes", input.features ? input.features.map(({ name: of, unit }) => (unit ? `${of} in ${unit}` : of)).join(", ") : input.shape ? describePicture(input.shape) : null],
    ["Answers", output.kind === "regression" ? `${output.target} in ${output.unit}` : `${output.target ? `${output.target}: ` : ""}one of ${labels.join(", ")}`],
    ["Right", metrics.accuracy ? `${percent(metrics.accuracy, 2)} of its test ${input.features ? "rows" : "pictures"}` : null],
    ["Right of each class", metrics.balanced_accuracy ? `${percent(metrics.balanced_accuracy, 2)} on average; guessing gives ${percent(1 / labels.length, 2)}` : null],
    ["Learned from", learned],
    ["Trained", at ? new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" }) : null],
    ["Size", Number.isFinite(size) ? bytes(size) : null],
  ].filter(([, value]) => value);
  return make("dl", { className: "card-facts" }, ...known.map(([term, value]) => make("div", {}, make("dt", { textContent: term }), make("dd", { textContent: value }))));
}

function describeRobustness({ robustness }, isOfDrawings) {
  const rows = Object.entries(robustness);
  const worst = Math.max(0.001, ...rows.map(([, accuracy]) => 1 - accuracy));
  const bars = rows.map(([name, accuracy]) => [(isOfDrawings && KINDS[name]) || name, (1 - accuracy) / worst, describeWrong(accuracy)]);
  return [paragraph(`The same test ${isOfDrawings ? "digits" : "pictures"}, as people would send them. The pictures are made by code; expect more mistakes in real photos.`), barTable("Mistakes by kind of picture", ["Pictures", "Mistakes"], bars)];
}

function describeCalibration(bins) {
  const surest = bins.at(-1);
  const words = `Of the ${count(countAnswers(surest))} answers that it was surest of, ${percent(surest.confidence)} on average, ${percent(surest.accuracy)} were right.`;
  const plot = make("figure", { className: "plot-figure" }, plotCalibration(bins, `How often it is right, by how sure it is. ${words}`), make("figcaption", { textContent: "How often it is right, by how sure it is. On the line both are the same; a larger point is more answers." }));
  return [paragraph(words), plot];
}

function describeTrust({ digits_kept: kept, others_rejected: rejected, others, rejected_by_kind: kinds = {} }) {
  const words = `Of its test digits ${percent(kept)} are called digits. Of ${count(others)} pictures that are none, ${percent(rejected)} are called “not a digit”.`;
  return [paragraph(words), barTable("Called “not a digit”, by kind of picture", ["Pictures", "Called not a digit"], Object.entries(kinds).map(([kind, fraction]) => [kind, fraction, percent(fraction)]))];
}

function describeRegression({ metrics: { r2, mae }, output: { target, unit }, input: { features = [] } }) {
  const ranges = features.filter(({ range }) => range).map(({ name, unit: of, range: [least, most] }) => `${name} from ${formatValue(least)} to ${formatValue(most)} ${of}`);
  return [
    paragraph(`It is off by ${formatValue(mae)} ${unit} on average.`),
    paragraph(`It ${describeR2(r2, target)}.`),
    ranges.length ? paragraph(`It learned from ${ranges.join(", ")}. Outside of that its answers are guesses.`) : null,
  ].filter(Boolean);
}
