// Strokes: what a drawing is, apart from any canvas. A stroke is a list of points; a point is [x, y] in fractions of the pad's side.

export const PEN = 0.078; // of the side: about 2.2 px where the model sees 28, as in MNIST
const STILL = 0.003; // points nearer than this say nothing new

/** Add a point to a stroke unless it hardly moved; true when it was added. */
export function extend(stroke, [x, y]) {
  const last = stroke.at(-1);
  if (last && Math.hypot(x - last[0], y - last[1]) < STILL) return false;
  stroke.push([x, y]);
  return true;
}

/** Trace a stroke on a 2D context as a smooth line: quadratic curves through the midpoints, with the points as handles. */
export function trace(context, stroke, side) {
  const [first, ...rest] = stroke.map(([x, y]) => [x * side, y * side]);
  context.beginPath();
  context.moveTo(...first);
  for (let i = 0; i < rest.length - 1; i++) {
    const [x, y] = rest[i];
    context.quadraticCurveTo(x, y, (x + rest[i + 1][0]) / 2, (y + rest[i + 1][1]) / 2);
  }
  context.lineTo(...(rest.at(-1) ?? first)); // a single point becomes a dot, by its round cap
  context.stroke();
}

/** Draw strokes in one colour over the present content of the context. */
export function paint(context, strokes, side, colour) {
  context.lineWidth = PEN * side;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = colour;
  for (const stroke of strokes) trace(context, stroke, side);
}

/** The first `count` points of a drawing, stroke after stroke: a frame of it being written. */
export function takeBeginning(strokes, count) {
  const shown = [];
  for (const stroke of strokes) {
    if (count <= 0) break;
    shown.push(stroke.slice(0, count));
    count -= stroke.length;
  }
  return shown;
}
