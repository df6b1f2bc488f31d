// The mesh as a matrix: a cell for each pair, for more nodes than a ring has room for.
import { el, svg } from "./dom.js";
import { describe, look, otherEnd } from "./pairs.js";

const LABELS = 78;

/** So that it is on the screen as a whole. */
const WIDEST = 760;

/**
 * @param chosen a node, or null
 * @param choose is called with a node, or null
 */
export function matrix({ nodes, pairs, chosen, choose, name, width: room }) {
  const left = Math.min(LABELS, Math.floor(room * 0.2));
  // Whole pixels are crisp.
  const cell = Math.max(1, Math.floor((Math.min(room, WIDEST) - left) / nodes.length));
  const gap = cell > 3 ? 1 : 0;
  const size = cell * nodes.length;
  const width = left + size + 2;
  const place = new Map(nodes.map((node, at) => [node, at]));
  const byCell = new Map();
  const paths = new Map();
  for (const pair of pairs) {
    for (const [row, column] of [[pair.a, pair.b], [pair.b, pair.a]].map((ends) => ends.map((node) => place.get(node)))) {
      byCell.set(row * nodes.length + column, pair);
      const kind = look(pair);
      paths.set(kind, `${paths.get(kind) ?? ""}M${column * cell} ${row * cell}h${cell - gap}v${cell - gap}h${gap - cell}z`);
    }
  }
  // Names as densely as they can be read, and at the cross of what is looked at.
  const every = Math.ceil(13 / cell);
  const names = nodes.map((node, at) => (at % every === 0
    ? svg("text", { class: "note", "text-anchor": "end", x: -5, y: (at + 0.5) * cell + 4 }, node.name.slice(0, 11)) : null));
  const across = svg("rect", { class: "cross", width: size, height: cell, visibility: "hidden" });
  const down = svg("rect", { class: "cross", width: cell, height: size, visibility: "hidden" });
  const said = el("p", { class: "said", "aria-live": "polite" });
  let row = chosen === null ? 0 : place.get(chosen);
  let column = 0;

  function lookAt(newRow, newColumn) {
    row = Math.max(0, Math.min(nodes.length - 1, newRow));
    column = Math.max(0, Math.min(nodes.length - 1, newColumn));
    across.setAttribute("y", row * cell);
    down.setAttribute("x", column * cell);
    for (const bar of [across, down]) {
      bar.setAttribute("visibility", "visible");
    }
    const pair = byCell.get(row * nodes.length + column);
    said.textContent = row === column ? `${nodes[row].name}: ${nodes[row].status}`
      : pair === undefined ? `${nodes[row].name} – ${nodes[column].name}: no tunnel`
        : describe({ ...pair, a: nodes[row], b: otherEnd(pair, nodes[row]) }, name);
  }

  const area = svg("g", { transform: `translate(${left} 4)` },
    ...[...paths].map(([kind, d]) => svg("path", { class: `cell ${kind}`, d })),
    svg("path", { class: "diagonal", d: nodes.map((_, at) => `M${at * cell} ${at * cell}h${cell - gap}v${cell - gap}h${gap - cell}z`).join("") }),
    chosen === null ? null : svg("rect", { class: "chosen", x: -1, y: place.get(chosen) * cell - 1, width: size + 2, height: cell + 2 }),
    across, down, ...names);
  const picture = svg("svg", {
    class: "mesh matrix", viewBox: `0 0 ${width} ${size + 8}`, width, height: size + 8, tabindex: "0", role: "application", "data-key": "matrix",
    "aria-label": "The pairs of all nodes, a row and a column for each; the arrow keys go from cell to cell, Enter chooses the row's node",
  }, area);
  const at = (event) => {
    const box = picture.getBoundingClientRect();
    const scale = width / box.width;
    return [Math.floor(((event.clientY - box.top) * scale - 4) / cell), Math.floor(((event.clientX - box.left) * scale - left) / cell)];
  };
  picture.addEventListener("pointermove", (event) => lookAt(...at(event)));
  picture.addEventListener("click", (event) => {
    lookAt(...at(event));
    choose(nodes[row]);
  });
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowRight: [0, 1], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowUp: [-1, 0] }[event.key];
    if (step !== undefined) {
      lookAt(row + step[0], column + step[1]);
    } else if (event.key === "Enter" || event.key === " ") {
      choose(nodes[row]);
    } else if (event.key === "Escape") {
      choose(null);
    } else {
      return;
    }
    event.preventDefault();
  });
  said.textContent = "Point at a cell, or go through them with the arrow keys, to read of a pair; a click or Enter chooses the row’s node.";
  return el("div", {}, said, picture);
}
