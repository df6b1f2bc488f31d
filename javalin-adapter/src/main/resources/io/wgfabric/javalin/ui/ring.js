// The mesh as a ring of nodes, with a line for each pair: for as many nodes as have room for their names.
import { svg } from "./dom.js";
import { counts, describe, handshakeOf, isCentre, look, otherEnd } from "./pairs.js";

const NAME_LENGTH = 16;
const LEVEL_NAMES_UP_TO = 14;

/** In pixels. */
export const NARROW = 640;

const short = (name) => (name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH - 1)}…` : name);

/** Of so many nodes all are on one ring, so that no line runs through a node. */
const ONE_RING_UP_TO = 14;

/** Managers and hubs first or within; by node x, y, the angle, and whether it is on the outer ring. */
function places(nodes, width, height, aside) {
  const centre = nodes.filter(isCentre);
  const rest = nodes.filter((node) => !isCentre(node));
  const ring = (list, radius, turn, outer) => list.map((node, at) => {
    const angle = turn + (2 * Math.PI * at) / list.length;
    return [node, { x: width / 2 + radius * Math.sin(angle), y: height / 2 - radius * Math.cos(angle), angle, outer }];
  });
  const most = Math.min(width - 2 * aside, height - 90) / 2;
  if (nodes.length <= ONE_RING_UP_TO || rest.length === 0) {
    return new Map(ring(nodes, nodes.length === 1 ? 0 : most, 0, nodes.length > 1));
  }
  return new Map([
    ...ring(centre, centre.length === 1 ? 0 : most * 0.42, 0, false),
    ...ring(rest, most, Math.PI / Math.max(rest.length, 2), true)]);
}

function nameOf(node, place, level, radius, beneath) {
  const text = short(node.name);
  const away = radius + 8;
  const above = Math.cos(place.angle) > 0.3;
  if (!place.outer || (beneath && !above)) {
    return svg("text", { "text-anchor": "middle", y: radius + 17 }, text);
  }
  const right = Math.sin(place.angle) >= -0.001;
  if (level) {
    const below = Math.cos(place.angle) < 0;
    return !beneath && Math.abs(Math.sin(place.angle)) > 0.3
      ? svg("text", { "text-anchor": right ? "start" : "end", x: right ? away : -away, y: 4 }, text)
      : svg("text", { "text-anchor": "middle", y: below ? radius + 17 : -radius - 8 }, text);
  }
  const degrees = (place.angle * 180) / Math.PI - 90;
  return svg("text", {
    "text-anchor": right ? "start" : "end",
    transform: `rotate(${(right ? degrees : degrees + 180).toFixed(1)}) translate(${right ? away : -away} 4)`,
  }, text);
}

/** What a line says while one of its ends is chosen, near the other end. */
function note(pair, node, at, name) {
  const [from, to] = [at.get(node), at.get(otherEnd(pair, node))];
  const text = pair.state === "relayed" ? `via ${pair.relays.map(name).map(short).join(", ")}`
    : pair.newest === null ? "no handshake" : handshakeOf(pair).replace(" ago", "");
  return svg("text", { class: "note", "text-anchor": "middle", x: from.x + 0.62 * (to.x - from.x), y: from.y + 0.62 * (to.y - from.y) + 4 }, text);
}

/**
 * @param chosen a node, or null
 * @param choose is called with a node, or null
 */
export function ring({ nodes, pairs, chosen, choose, name, width }) {
  // Beside their dots names take room that a narrow screen has not.
  const beneath = width < NARROW;
  const height = Math.min(width, nodes.length <= ONE_RING_UP_TO ? 480 : 680);
  const at = places(nodes, width, height, beneath ? 45 : nodes.length <= ONE_RING_UP_TO ? 130 : 115);
  const radius = nodes.length > LEVEL_NAMES_UP_TO ? 8 : 12;
  const level = nodes.length <= LEVEL_NAMES_UP_TO;
  const line = (pair) => {
    const [from, to] = [at.get(pair.a), at.get(pair.b)];
    const of = chosen !== null && (pair.a === chosen || pair.b === chosen);
    return svg("line", { class: `pair ${look(pair)} ${chosen === null ? "" : of ? "of" : "faint"}`, x1: from.x, y1: from.y, x2: to.x, y2: to.y },
      svg("title", {}, describe(pair, name)));
  };
  const dot = (node, place) => {
    const own = counts(pairs.filter((pair) => pair.a === node || pair.b === node));
    const { x, y } = at.get(node);
    const group = svg("g", {
      class: `dot ${node.status}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`,
      role: "button", tabindex: (chosen ?? nodes[0]) === node ? "0" : "-1", "data-key": `dot ${node.id}`, "aria-pressed": String(node === chosen),
      "aria-label": `${node.name}, ${node.status}: ${own.direct} direct, ${own.relayed} relayed, ${own.down} without a session, ${own.unknown} not told of`,
    },
    svg("title", {}, `${node.name}: ${node.status}`),
    svg("circle", { class: "focus", r: radius + 7 }),
    node.hub ? svg("circle", { class: "hub", r: radius + 5 }) : null,
    svg("circle", { class: `node ${node.role === "mgmt" ? "manager" : ""}`, r: radius }),
    nameOf(node, at.get(node), level, radius, beneath && level));
    group.addEventListener("click", () => choose(node === chosen ? null : node));
    group.addEventListener("keydown", (event) => key(event, place));
    return group;
  };
  const key = (event, place) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      choose(null);
    } else if (event.key === "Enter" || event.key === " ") {
      choose(nodes[place] === chosen ? null : nodes[place]);
    } else if (step !== undefined) {
      const next = dots[(place + step + nodes.length) % nodes.length];
      dots.forEach((each) => each.setAttribute("tabindex", each === next ? "0" : "-1"));
      next.focus();
    } else {
      return;
    }
    event.preventDefault();
  };
  const dots = nodes.map(dot);
  const own = chosen === null ? [] : pairs.filter((pair) => pair.a === chosen || pair.b === chosen);
  return svg("svg", { class: "mesh", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "The mesh; the tables below say the same" },
    ...pairs.filter((pair) => !own.includes(pair)).map(line), ...own.map(line), ...dots, ...own.map((pair) => note(pair, chosen, at, name)));
}
