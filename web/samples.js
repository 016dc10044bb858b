// Ten digits in a hand's strokes, for those who would rather not draw: each a list of strokes as in strokes.js.

import { PEN } from "./strokes.js";

/** Points along an ellipse's arc, from one angle to another in degrees; 0 is east, 90 is south. */
function arc(cx, cy, rx, ry, from, to) {
  const steps = Math.max(6, Math.round(Math.abs(to - from) / 12));
  return Array.from({ length: steps + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / steps) * Math.PI) / 180;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)];
  });
}

/** Points along straight lines through the corners, close enough together to be written at an even pace. */
function line(...corners) {
  const points = [corners[0]];
  for (let i = 1; i < corners.length; i++) {
    const [[x0, y0], [x1, y1]] = [corners[i - 1], corners[i]];
    const steps = Math.max(2, Math.round(Math.hypot(x1 - x0, y1 - y0) / 0.04));
    for (let j = 1; j <= steps; j++) points.push([x0 + ((x1 - x0) * j) / steps, y0 + ((y1 - y0) * j) / steps]);
  }
  return points;
}

const LINES = [
  [arc(0.5, 0.5, 0.2, 0.31, -70, -430)],
  [line([0.42, 0.3], [0.53, 0.19], [0.5, 0.81])],
  [[...arc(0.49, 0.36, 0.18, 0.16, -170, 25), ...line([0.63, 0.46], [0.32, 0.79], [0.71, 0.77])]],
  [[...arc(0.47, 0.34, 0.18, 0.15, -155, 80), ...arc(0.47, 0.65, 0.21, 0.165, -80, 150)]],
  [line([0.42, 0.2], [0.31, 0.54], [0.71, 0.52]), line([0.61, 0.24], [0.57, 0.82])],
  [[...line([0.38, 0.22], [0.35, 0.47]), ...arc(0.47, 0.61, 0.2, 0.185, -125, 140)], line([0.38, 0.22], [0.68, 0.2])],
  [[...arc(0.7, 0.52, 0.36, 0.34, -110, -185), ...arc(0.5, 0.63, 0.165, 0.165, 180, -165)]],
  [line([0.3, 0.24], [0.7, 0.22], [0.44, 0.81])],
  [[...arc(0.5, 0.345, 0.155, 0.145, -40, -270), ...arc(0.5, 0.655, 0.185, 0.165, -90, 270), ...arc(0.5, 0.345, 0.155, 0.145, 90, -40)]],
  [[...arc(0.49, 0.36, 0.165, 0.155, -20, -350), ...line([0.65, 0.33], [0.57, 0.81])]],
];

export const SAMPLES = LINES.map((strokes) => strokes.map((points) => ({ points, width: PEN, erase: false })));
