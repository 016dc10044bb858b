// Numbers and answers as people say them.

/** 0.998 → "99.8 %". Rounded down, so that only certainty reads 100 %. */
export function percent(probability) {
  return probability === 1 ? "100 %" : `${(Math.floor(probability * 1000 + 1e-6) / 10).toFixed(1)} %`;
}

/** "a 7", "an 8". */
export function withArticle(label) {
  return `${/^(8|11|18|[aeiou])/i.test(String(label)) ? "an" : "a"} ${label}`;
}

/** How sure the model is, in the sentence's own words. */
export function sentence(label, probability) {
  const start = probability >= 0.9 ? "This is" : probability >= 0.6 ? "Probably" : "Perhaps";
  return `${start} ${withArticle(label)}`;
}

/** 41.7 → "42 ms", 1830 → "1.8 s". */
export function duration(ms) {
  return ms < 1000 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
}
