// Numbers and answers as people say them.

/** 0.998 → "99.8 %". Rounded down, so that only certainty reads 100 %. */
export function percent(fraction, digits = 1) {
  const scale = 10 ** digits;
  return fraction === 1 ? "100 %" : `${(Math.floor(fraction * 100 * scale + 1e-6) / scale).toFixed(digits)} %`;
}

export const NO_DIGIT = "not a digit";

/** The line below the sentence: "93.0 %", or what it would be if it were a digit; and that there are several, if there are. */
export function confidence({ label, probability, verdict, digits_found: found = 1 }) {
  const sure = verdict === NO_DIGIT ? `If it is one, ${withArticle(label)}` : percent(probability);
  return found > 1 ? `${sure}. ${found} digits were read as one: write them further apart to have each read.` : sure;
}

/** "a 7", "an 8"; of a class that is a text, “Arrest”. */
export function withArticle(label) {
  if (/\p{L}{2}/u.test(String(label))) return `“${label}”`;
  return `${/^(8|11|18|[aeiou])/i.test(String(label)) ? "an" : "a"} ${label}`;
}

/** ["a 4", "a 7", "an 8"] → "a 4, a 7 and an 8". */
export const joinWords = (words) => new Intl.ListFormat("en-GB").format(words);

/** How sure the model is, in the sentence's own words; a model with trust gives its verdict. */
export function sentence({ label, probability, verdict }) {
  if (verdict === NO_DIGIT) return "Probably not a digit";
  if (verdict) return `${verdict === "certain" ? "This is" : probability >= 0.6 ? "Probably" : "Perhaps"} ${withArticle(label)}`;
  const start = probability >= 0.9 ? "This is" : probability >= 0.6 ? "Probably" : "Perhaps";
  return `${start} ${withArticle(label)}`;
}

/** Whether an answer is not certain: by the model's own verdict, where it gives one. */
export const isDoubted = ({ probability, verdict }) => (verdict ? verdict !== "certain" : probability < 0.6);

/** What was read on a picture, for people who listen: "4 2 7 1, 1 of them unsure". */
export function readOut(predictions) {
  const doubted = predictions.filter(isDoubted).length;
  const doubts = predictions.length > 1 ? `, ${count(doubted)} of them unsure` : ", unsure";
  return predictions.map(({ label }) => label).join(" ") + (doubted ? doubts : "");
}

/** 41.7 → "42 ms", 1830 → "1.8 s". */
export function duration(ms) {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** "the upload is a PDF" → "The upload is a PDF.": an API's detail as a sentence. */
export function capitalizeSentence(detail = "") {
  const begun = /^\S+[./_]\S/.test(detail) ? detail : detail.charAt(0).toUpperCase() + detail.slice(1); // a file's name stays as it is
  return begun === "" || /[.!?…:]$/.test(begun) ? begun : `${begun}.`;
}

const NUMBERS = new Intl.NumberFormat("en");

/** 10000 → "10,000"; with a noun, "1 row" and "10,000 rows". */
export function count(number, noun = "") {
  return noun ? `${NUMBERS.format(number)} ${number === 1 ? noun : `${noun}s`}` : NUMBERS.format(number);
}

/** 532 → "532 B", 26214400 → "26.2 MB". */
export function bytes(size) {
  const step = size < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(size) / 3));
  return step ? `${(size / 1000 ** step).toFixed(1)} ${["", "kB", "MB", "GB"][step]}` : `${size} B`;
}

/** When something happened: "14:05" today, else "21 Nov, 14:05". */
export function moment(iso, now = new Date()) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  return at.toDateString() === now.toDateString() ? time : `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${time}`;
}
