// A photo with a box around each digit, painted on a canvas.

const LONGEST = 1200; // px: sharp on every screen, and small enough to keep several
const SHORTEST = 320; // of the longer side: a tiny picture is magnified, with its pixels in sight
const TAGGED = 44; // px of the screen: over a lower box a label would hide the digit
const DECODED_BYTES = 40_000_000; // a larger file is not worth decoding only to be looked at

/** A file's picture as a canvas of at most LONGEST pixels, upright as its camera meant it; null when the browser cannot show it. */
export async function decode(file) {
  if (!file || file.size > DECODED_BYTES || (file.type && !file.type.startsWith("image/"))) return null;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return null; // no picture, or of a kind this browser does not know
  }
  const picture = canvasFor(bitmap);
  const context = picture.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.imageSmoothingEnabled = picture.width < bitmap.width;
  context.drawImage(bitmap, 0, 0, picture.width, picture.height);
  bitmap.close();
  return picture;
}

function canvasFor({ width, height }) {
  const longer = Math.max(width, height);
  const scale = longer > LONGEST ? LONGEST / longer : longer < SHORTEST ? SHORTEST / longer : 1;
  return Object.assign(document.createElement("canvas"), { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) });
}

/**
 * Paint `predictions`' boxes over `picture` (a canvas, or null for plain ground). Boxes are [x, y, width, height] in pixels of the upright
 * picture, whose size is `image`; on plain ground their labels stand in them. `chosen` is the index of the one that stands out; the boxes
 * of what is `unread` are dashed.
 */
export function paintBoxes(canvas, picture, { image, predictions = [], unread = [], chosen = -1 } = {}) {
  const { width, height } = picture ?? canvasFor(image);
  Object.assign(canvas, { width, height }); // clears it as well
  const context = canvas.getContext("2d");
  if (picture) context.drawImage(picture, 0, 0);
  const pixel = width / (canvas.clientWidth || width); // of the screen, in the canvas's own
  const style = getComputedStyle(canvas);
  const [colour, halo] = picture ? [style.getPropertyValue("--box"), style.getPropertyValue("--halo")] : [style.getPropertyValue("--accent"), "transparent"];
  const scale = image ? width / image.width : 1;
  context.lineJoin = "round";
  context.setLineDash([5 * pixel, 4 * pixel]);
  for (const box of unread) {
    Object.assign(context, { strokeStyle: style.getPropertyValue("--unread"), lineWidth: 2 * pixel });
    context.strokeRect(...box.map((side) => side * scale));
  }
  context.setLineDash([]);
  const order = predictions.map((_, i) => i).sort((a, b) => (a === chosen) - (b === chosen)); // the chosen one last, over the others
  for (const i of order) {
    const { box, label } = predictions[i];
    if (!box) continue;
    const [x, y, w, h] = box.map((side) => side * scale);
    for (const [strokeStyle, px] of [[halo, i === chosen ? 7 : 4], [colour, i === chosen ? 4 : 2]]) {
      Object.assign(context, { strokeStyle, lineWidth: px * pixel });
      context.strokeRect(x, y, w, h);
    }
    if (!picture) write(context, String(label), x + w / 2, y + h / 2, h * 0.8, colour);
    else if (h >= TAGGED * pixel || i === chosen) tag(context, String(label), x, y, pixel, colour, halo);
  }
}

/** A label at a box's upper left corner, inside the picture. */
function tag(context, text, x, y, pixel, colour, halo) {
  const side = 18 * pixel;
  context.font = `650 ${13 * pixel}px system-ui, sans-serif`;
  const wide = Math.max(side, context.measureText(text).width + 8 * pixel);
  const [left, top] = [Math.max(0, Math.min(x - pixel, context.canvas.width - wide)), Math.max(0, y - side + pixel)];
  context.fillStyle = colour;
  context.fillRect(left, top, wide, side);
  write(context, text, left + wide / 2, top + side / 2 + 0.5 * pixel, 13 * pixel, halo, 650);
}

function write(context, text, x, y, size, fillStyle, weight = 400) {
  Object.assign(context, { font: `${weight} ${size}px system-ui, sans-serif`, textAlign: "center", textBaseline: "middle", fillStyle });
  context.fillText(text, x, y);
}
