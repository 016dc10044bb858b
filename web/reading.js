// What a picture shows: the answer, and where several digits stand on it, each of them.

import { decode } from "./boxes.js";
import { Problem, valueOf } from "./problem.js";

/** Ask for a prediction; {answer, latencyMs, sent, shown}. Throws a Problem. `shown`: how the answer shows what the model saw, as "pixels" or "seen"; "" for a row of a table. */
export async function predict(client, blob, signal, shown = "pixels") {
  const started = performance.now();
  const answer = valueOf(await client.predict(blob, { ...(shown && { [shown]: true }), signal }));
  return { answer, latencyMs: performance.now() - started, sent: blob, shown };
}

/** Ask what a picture shows; of several digits with a `page`: all of them, and the picture to box them on. */
export async function readDigits(client, blob, signal) {
  const first = await predict(client, blob, signal);
  const [{ digits_found: found = 1 }] = first.answer.predictions;
  if (found < 2) return first;
  try {
    const [every, picture] = await Promise.all([client.predict(blob, { digits: "all", signal }).then(valueOf), decode(blob)]);
    if (every.predictions.length < 2) return first;
    const [{ unread, ...image }] = every.pictures;
    return { ...first, page: { answer: every, predictions: every.predictions, image, unread, picture } };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return first; // it says itself that several digits were read as one
  }
}
