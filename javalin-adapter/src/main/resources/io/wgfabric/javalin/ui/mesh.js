// A picture of the mesh. Heartbeats tell of a node how many of its pairs are alive and how old their handshakes are, not
// of each pair: that would be N squared numbers in every manager. So a line is a tunnel that shall be there, and its
// colour says what its two ends tell.
import { byName, get, list } from "./api.js";
import { age, el, show, status, svg, table } from "./dom.js";

export const title = "Mesh";

const SIZE = 900;

/** With more nodes lines would hide each other. */
const MAX_LINES_FOR = 60;
const MAX_NAMES_FOR = 40;
const MAX_NOTES_FOR = 12;

const takesPart = (node) => !["pending", "quarantined", "removed"].includes(node.status) && node.backend !== "none";

const isCentre = (node) => node.hub || node.role === "mgmt";

const hasTunnel = (policy, a, b) =>
  takesPart(a) && takesPart(b) && (policy.topology === "mesh" || isCentre(a) || isCentre(b));

function expected(policy, node, nodes) {
  return nodes.filter((other) => other !== node && hasTunnel(policy, node, other)).length;
}

/** @returns "" if both ends have all their pairs, "part" if one has not, "down" if one is away */
function pairState(a, b, reached) {
  if (a.status === "offline" || b.status === "offline") return "down";
  return reached.get(a) && reached.get(b) ? "" : "part";
}

function places(nodes) {
  const centre = nodes.filter(isCentre);
  const rest = nodes.filter((node) => !isCentre(node));
  const ring = (list, radius, turn) => list.map((node, at) => {
    const angle = turn + (2 * Math.PI * at) / list.length;
    return [node, { x: SIZE / 2 + radius * Math.sin(angle), y: SIZE / 2 - radius * Math.cos(angle) }];
  });
  if (rest.length === 0) {
    return new Map(ring(centre, centre.length === 1 ? 0 : 250, 0));
  }
  return new Map([...ring(centre, centre.length === 1 ? 0 : 150, 0), ...ring(rest, 350, Math.PI / Math.max(rest.length, 2))]);
}

function picture(policy, nodes, facts) {
  const at = places(nodes);
  const lines = [];
  if (nodes.length <= MAX_LINES_FOR) {
    nodes.forEach((a, place) => nodes.slice(place + 1).filter((b) => hasTunnel(policy, a, b)).forEach((b) => {
      const [from, to] = [at.get(a), at.get(b)];
      lines.push(svg("line", { class: `pair ${pairState(a, b, facts.reached)}`, x1: from.x, y1: from.y, x2: to.x, y2: to.y }));
    }));
  }
  const radius = nodes.length > MAX_NAMES_FOR ? 7 : 13;
  const dots = nodes.map((node) => {
    const { x, y } = at.get(node);
    return svg("g", { class: node.status, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` },
      svg("title", {}, `${node.name}: ${node.status}, ${facts.text(node)}`),
      node.hub ? svg("circle", { class: "hub", r: radius + 6 }) : null,
      svg("circle", { class: `node ${node.role === "mgmt" ? "manager" : ""}`, r: radius }),
      nodes.length <= MAX_NAMES_FOR ? svg("text", { y: radius + 22 }, node.name) : null,
      nodes.length <= MAX_NOTES_FOR ? svg("text", { class: "note", y: radius + 37 }, facts.text(node)) : null);
  });
  return svg("svg", { class: "mesh", viewBox: `30 70 ${SIZE - 60} ${SIZE - 110}`, role: "img", "aria-label": "The mesh; the table below says the same" },
    ...lines, ...dots);
}

export function open(place) {
  let shown = "";
  return {
    async update() {
      const [policy, nodes] = await Promise.all([get("/v1/mesh"), list("/v1/nodes")]);
      nodes.sort(byName);
      const mark = JSON.stringify([policy, nodes]);
      if (mark === shown) {
        return;
      }
      shown = mark;
      const wanted = new Map(nodes.map((node) => [node, expected(policy, node, nodes)]));
      const facts = {
        reached: new Map(nodes.map((node) => [node, node.status === "online" && (node.peers ?? 0) >= wanted.get(node)])),
        text: (node) => (takesPart(node) ? `reaches ${node.peers ?? 0} of ${wanted.get(node)}` : node.backend === "none" ? "no tunnel" : node.status),
      };
      show(place,
        el("p", {}, `Topology: ${policy.topology}. Pre-shared keys: ${policy.presharedKeys ? "on" : "off"}. Hubs: ${policy.hubs.join(", ") || "none"}.`),
        el("div", { class: "card" }, picture(policy, nodes, facts)),
        el("p", { class: "soft" }, "A filled dot is a manager, a ring around it a hub. A line is a tunnel that shall be there: green if both ends say that they reach all of their peers, amber if one misses some, dashed red if one is offline. Nodes tell how many pairs are alive, not which, nor which are relayed: ",
          el("span", { class: "mono" }, "fabric peer status"), " on a node says that",
          nodes.length > MAX_LINES_FOR ? `. Lines are left out beyond ${MAX_LINES_FOR} nodes.` : "."),
        table("Who reaches how many", ["Name", "Status", "Peers reached", "Newest handshake", "Oldest handshake"],
          nodes.map((node) => [node.name, status(node.status), facts.text(node),
            age(node.traffic?.newestHandshakeSeconds), age(node.traffic?.oldestHandshakeSeconds)]),
          "No node has joined yet."));
    },
  };
}
