// Strokes: what a drawing is, apart from any canvas. A stroke is {points, width, erase}: points are [x, y], all in fractions of the pad's side.

export const PEN = 0.078; // of the side: about 2.2 px where the model sees 28, as in MNIST
const STILL = 0.003; // points nearer than this say nothing new

/** Add a point to a stroke unless it hardly moved; true when it was added. */
export function extend({ points }, [x, y]) {
  const last = points.at(-1);
  if (last && Math.hypot(x - last[0], y - last[1]) < STILL) return false;
  points.push([x, y]);
  return true;
}

/** Trace points on a 2D context as a smooth line: quadratic curves through the midpoints, with the points as handles. */
export function trace(context, points, side) {
  const [first, ...rest] = points.map(([x, y]) => [x * side, y * side]);
  context.beginPath();
  context.moveTo(...first);
  for (let i = 0; i < rest.length - 1; i++) {
    const [x, y] = rest[i];
    context.quadraticCurveTo(x, y, (x + rest[i + 1][0]) / 2, (y + rest[i + 1][1]) / 2);
  }
  context.lineTo(...(rest.at(-1) ?? first)); // a single point becomes a dot, by its round cap
  context.stroke();
}

/** Draw strokes in one colour on a context that holds nothing else: an eraser's take away what was drawn before them. */
export function paint(context, strokes, side, colour) {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = colour;
  for (const { points, width, erase } of strokes) {
    context.globalCompositeOperation = erase ? "destination-out" : "source-over";
    context.lineWidth = width * side;
    trace(context, points, side);
  }
  context.globalCompositeOperation = "source-over";
}

/** The first `count` points of a drawing, stroke after stroke: a frame of it being written. */
export function takeBeginning(strokes, count) {
  const shown = [];
  for (const stroke of strokes) {
    if (count <= 0) break;
    shown.push({ ...stroke, points: stroke.points.slice(0, count) });
    count -= stroke.points.length;
  }
  return shown;
}
