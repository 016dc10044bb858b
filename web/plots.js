// Small plots as SVG, drawn from figures; what they show also stands beside them in words or in a table.

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 220;
const EDGE = 34; // room for the axes' words

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const text = (words, x, y, anchor = "middle") => draw("text", { x, y, "text-anchor": anchor }, words);

/** How sure the model is against how often it is right: `bins` are {confidence, accuracy, count}; on the diagonal they agree. */
export function plotCalibration(bins, words) {
  const x = (share) => EDGE + share * SIDE;
  const y = (share) => 8 + (1 - share) * SIDE;
  const most = Math.max(...bins.map(countAnswers));
  const points = bins.map(({ confidence, accuracy, ...bin }) => draw("circle", { class: "plot-point", cx: x(confidence), cy: y(accuracy), r: 3 + 5 * Math.sqrt(countAnswers(bin) / most) }));
  const ticks = [0, 0.5, 1].flatMap((share) => [text(`${share * 100} %`, x(share), y(0) + 16), text(`${share * 100} %`, EDGE - 4, y(share) + 4, "end")]);
  const line = draw("polyline", { class: "plot-line", points: bins.map(({ confidence, accuracy }) => `${x(confidence)},${y(accuracy)}`).join(" ") });
  const plot = draw(
    "svg",
    { class: "plot", viewBox: `0 0 ${SIDE + EDGE + 22} ${SIDE + EDGE + 8}`, role: "img", "aria-label": words },
    draw("path", { class: "plot-axis", d: `M${x(0)} ${y(1)}V${y(0)}H${x(1)}` }),
    draw("path", { class: "plot-ideal", d: `M${x(0)} ${y(0)}L${x(1)} ${y(1)}` }),
    line,
    ...points,
    ...ticks,
    text("how sure it is", x(0.5), y(0) + 32),
  );
  return plot;
}

/** How many answers a bin holds; models of before call that images, whatever they were. */
export const countAnswers = ({ count, images }) => count ?? images;
