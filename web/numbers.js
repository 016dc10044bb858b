// Numbers as people write and read them, with their units; and the rows of numbers and categories that a model takes.

import { joinWords, percent } from "./words.js";

const VALUES = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const SMALL = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });

/** 71070.87 → "71,070.87", 0.00123 → "0.00123". */
export function formatValue(value) {
  if (!Number.isFinite(value)) return "no number";
  return Math.abs(value) >= 1 || value === 0 ? VALUES.format(value) : SMALL.format(value);
}

/** "experience" → "Experience". */
export const capitalize = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/**
 * Read a number as it is written with a decimal point or comma: "3.1", "3,1", "1,234.5", "1.234,5", "1 234". {value}, or {problem} in words.
 * "1,500" may be 1500 or 1.5: nobody guesses.
 */
export function readNumber(text) {
  const plain = text.trim().replace(/(?<=\d)[\s'’](?=\d{3}(?!\d))/g, "").replace(/^−/, "-");
  if (plain === "") return { problem: "Enter a number." };
  if (/^-?[1-9]\d{0,2},\d{3}$/.test(plain)) return { problem: `“${text.trim()}” may be two numbers: write ${plain.replace(",", "")} or ${plain.replace(",", ".")}.` };
  const decimal = plain.lastIndexOf(",") > plain.lastIndexOf(".") && /^-?[\d.]*,\d*$/.test(plain) ? "," : ".";
  const grouped = decimal === "," ? /^-?\d{1,3}(\.\d{3})*(,\d*)?$|^-?\d*(,\d*)?$/ : /^-?\d{1,3}(,\d{3})*(\.\d*)?$|^-?\d*(\.\d*)?(e[+-]?\d+)?$/i;
  const value = grouped.test(plain) && /\d/.test(plain) ? Number(plain.replaceAll(decimal === "," ? "." : ",", "").replace(",", ".")) : NaN;
  return Number.isFinite(value) ? { value } : { problem: `“${text.trim()}” is no number: write it like 3.1 or 3,1.` };
}

/** "1.1 to 10.5 years"; "" where a model does not say what it was trained on. */
export const describeRange = ({ range, unit }) => (range ? `${formatValue(range[0])} to ${formatValue(range[1])} ${unit}`.trim() : "");

/** Whether a feature is one of a few texts, and no number. */
export const isCategory = ({ values }) => values !== undefined;

export const hasCategories = (features) => features.some(isCategory);

/** A row as the API takes it: numbers in their order, or with categories each by its feature's name. */
export const toInstance = (values, features) => (hasCategories(features) ? Object.fromEntries(values.map((value, i) => [features[i].name, value])) : values);

/** What is wrong with a feature's value, or "": a number below the least that can be. */
export const checkLeast = (value, { name, unit, least }) => (least !== undefined && value < least ? `${capitalize(name)} cannot be below ${formatValue(least)} ${unit}.` : "");

/** Whether a model was trained on values around this one. */
export const isInRange = (value, { range }) => !range || (value >= range[0] && value <= range[1]);

/** "3.1 years of experience", or of several "3 years of experience and 40 hours a week of work"; with categories the first of what is chosen, "Vehicle search, Male". */
export function describeNumbers(values, features) {
  if (hasCategories(features)) return listChosen(values, features);
  return values.map((number, i) => `${formatValue(number)} ${features[i].unit} of ${features[i].name}`).join(" and ");
}

/** The first few of what is chosen: enough to know a row again. */
function listChosen(values, features) {
  const chosen = values.filter((value, i) => isCategory(features[i]) && value !== null);
  return `${chosen.slice(0, 3).join(", ")}${chosen.length > 3 ? " …" : ""}`;
}

/** The answer in a sentence; `asked` is {words, outside}. */
export function describeValue(value, { target, unit }, { words, outside }) {
  const guess = outside ? " It was not trained on such numbers, so this is a guess." : "";
  return Number.isFinite(value) ? `For ${words} the model expects a ${target} of ${formatValue(value)} ${unit}.${guess}` : `For ${words} the model has no ${target}: the number is too large for it.`;
}

/** The class that a row is answered with, in a sentence: how probable it is, and what the answer does without. */
export function describeLabel({ label, probability, unknown_categories: unknown = [] }, { target }, { outside }) {
  const without = unknown.length ? ` Nothing that it knows was given for ${joinWords(unknown)}: it answers as if nothing were known of ${unknown.length > 1 ? "them" : "it"}.` : "";
  const guess = outside ? " It was not trained on such numbers, so this is a guess." : "";
  return `For these values the model expects the ${toNoun(target)} “${label}”, with a probability of ${percent(probability)}.${without}${guess}`;
}

/** "Outcome" → "outcome" in a sentence; "GDP" stays. */
export const toNoun = (name) => name.replace(/^\p{Lu}(?!\p{Lu})/u, (letter) => letter.toLowerCase());

/** 0.922 → "explains 92.2 % of how the salary differs (R² 0.922)": R² in words, which is null where all rows have the same value. Only a perfect one reads 100 %. */
export function describeR2(r2, target = "value") {
  if (r2 === null) return `cannot be compared with the mean ${target}: all of the test rows have the same one`;
  if (r2 <= 0) return `is no better than always answering the mean ${target} (R² ${r2.toFixed(3)})`;
  const rounded = r2 < 1 ? Math.min(0.999, r2).toFixed(3) : "1"; // both forms are of the same figure
  return `explains ${percent(Number(rounded))} of how the ${target} differs (R² ${rounded})`;
}

/** Three rows that a model knows well: a quarter, half and three quarters through each number's range, another value of each category; none where it names none. */
export function listExamples(features) {
  if (!features.length || !features.every((feature) => feature.range || isCategory(feature))) return [];
  return [0.25, 0.5, 0.75].map((share, place) => features.map((feature) => (isCategory(feature) ? chooseValue(feature, place) : roundWithin(feature, share))));
}

function chooseValue({ values }, place) {
  const texts = values.filter(Boolean);
  return texts[place % texts.length] ?? null;
}

/** The number of fewest digits, two at least, that is in the range. */
function roundWithin(feature, share) {
  const [least, most] = feature.range;
  const exact = least + share * (most - least);
  const digits = [2, 3, 4, 5, 6, 7].find((each) => isInRange(Number(exact.toPrecision(each)), feature));
  return digits ? Number(exact.toPrecision(digits)) : exact;
}
