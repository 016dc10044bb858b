// Pictures people bring: shrunk here when they are larger than the API takes, refused in words when they are broken, left to others when they are none.

import { Problem } from "./problem.js";

export const MAX_BYTES = 1_000_000;
export const MAX_SIDE = 2000; // and so at most 4 Mpx, which is what the recipe decodes
const SIDES = [MAX_SIDE, 1414, 1000, 707, 500];
const SIGNATURES = {
  "image/png": /^\x89PNG\r\n\x1a\n/,
  "image/jpeg": /^\xff\xd8\xff/,
  "image/webp": /^RIFF[^]{4}WEBP/,
  "image/gif": /^GIF8[79]a/,
  "image/bmp": /^BM[^]{4}\0\0\0\0/,
};
const HEIC = /^[^]{4}ftyp(hei|hev|mif1|msf1)/;

/** The media type the first bytes tell, or null; a file's name and declared type may lie. */
export function sniff(bytes) {
  const head = String.fromCharCode(...bytes);
  return Object.keys(SIGNATURES).find((type) => SIGNATURES[type].test(head)) ?? null;
}

/** Width and height scaled down so that the longer side is at most `side`. */
export function fit(width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** A picture as text, which a tab's storage keeps. */
export const toText = (blob) =>
  new Promise((resolve, reject) => {
    const reader = Object.assign(new FileReader(), { onload: () => resolve(reader.result), onerror: () => reject(reader.error) });
    reader.readAsDataURL(blob);
  });

/** The picture that such a text is of. */
export function fromText(text) {
  const [, type, base64] = /^data:([^;]*);base64,(.*)$/.exec(text);
  return new Blob([Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0))], { type });
}

/** Return {bitmap, blob} of a file: what to show and what to send; null when it is no picture that browsers show. Throws a Problem in words. */
export async function readPicture(file) {
  const named = file.name ? `“${file.name}”` : "That";
  const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
  const type = sniff(head);
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap && type) throw new Problem("A broken picture", `${named} starts like a picture, but cannot be decoded.`, "Save it again as PNG or JPEG, or choose another.");
  if (!bitmap && HEIC.test(String.fromCharCode(...head))) throw new Problem("A HEIC picture", `${named} is a HEIC picture, as iPhones take them, which this browser does not read.`, "Export it as JPEG; or set the camera to JPEG: Settings, Camera, Formats, Most Compatible.");
  if (!bitmap) return null;
  if (type && file.size <= MAX_BYTES && Math.max(bitmap.width, bitmap.height) <= MAX_SIDE) return { bitmap, blob: new Blob([file], { type }) };
  return { bitmap, blob: await shrink(bitmap, type === "image/jpeg") }; // what the browser reads and the API may not, like AVIF, too
}

/** As PNG a drawing is small, and what is transparent stays so. A photo is not: as JPEG it is sent at twice the size in a third of the bytes. */
async function shrink(bitmap, isJpeg) {
  for (const side of SIDES) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = fit(bitmap.width, bitmap.height, side);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    for (const type of isJpeg ? ["image/jpeg"] : isOpaque(context) ? ["image/png", "image/jpeg"] : ["image/png"]) {
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, type, 0.9));
      if (blob && blob.size <= MAX_BYTES) return blob;
    }
  }
  throw new Problem("Too large", `Even at ${SIDES.at(-1)} pixels the picture is over 1 MB.`, "Crop it.");
}

function isOpaque(context) {
  const { data } = context.getImageData(0, 0, context.canvas.width, context.canvas.height);
  for (let alpha = 3; alpha < data.length; alpha += 4) if (data[alpha] < 255) return false;
  return true;
}
