// How nodes reach each other: pair by pair, as their heartbeats tell it. What is asked for is what is shown: of a few
// nodes all pairs, of many those of the node that is chosen.
import { byName, get, list } from "./api.js";
import { age, el, field, show, status, table } from "./dom.js";
import { matrix } from "./matrix.js";
import { counts, expected, handshakeOf, isCentre, otherEnd, pairsOf, pairsWith, parse, pathOf, STATES } from "./pairs.js";
import { NARROW, ring } from "./ring.js";

export const title = "Mesh";

/** So many names find room around a ring; on a narrow screen fewer. */
const RING_FOR = 40;
const RING_FOR_NARROW = 14;
const MATRIX_FOR = 150;
const WIDEST = 900;

/** Of a table of pairs. */
const MAX_ROWS = 150;

const LEGEND = [
  ["direct age0", "direct, handshake within a minute"], ["direct age1", "within two"], ["direct age2", "within three"],
  ["relayed", "relayed by a hub"], ["down", "no session"], ["unknown", "not told yet"]];

const legend = () => el("ul", { class: "legend", "aria-label": "What the colours say" },
  ...LEGEND.map(([kind, text]) => el("li", {}, el("span", { class: `swatch ${kind}` }), text)));

async function toldOf(nodes) {
  const told = new Map();
  let next = "";
  while (told.size < MATRIX_FOR && next !== undefined && next !== null) {
    const part = await get(`/v1/mesh/pairs?limit=100${next === "" ? "" : `&after=${next}`}`);
    part.items.forEach((item) => told.set(item.node, new Map(item.pairs.map(parse))));
    next = part.next;
  }
  return told;
}

async function toldBy(node) {
  const rows = await list(`/v1/nodes/${encodeURIComponent(node.id)}/pairs`);
  // Names are unique among nodes; a relay is named by its name here.
  return new Map([[node.id, new Map(rows.map((row) => [row.node, row.path === "relayed" ? { via: row.via } : { seconds: row.handshakeSeconds ?? null }]))]]);
}

/** What is amiss comes first. */
const worst = (a, b) => STATES.indexOf(b.state) - STATES.indexOf(a.state) || (b.newest ?? 0) - (a.newest ?? 0);

function pairTable(caption, pairs, name) {
  const shown = [...pairs].sort(worst).slice(0, MAX_ROWS);
  const rest = pairs.length - shown.length;
  return table(caption + (rest > 0 ? `; ${rest} more are left out, none of them worse` : ""), ["Pair", "Path", "Last handshake"],
    shown.map((pair) => [`${pair.a.name} – ${pair.b.name}`, el("span", { class: `status ${pair.state}` }, pathOf(pair, name)), handshakeOf(pair)]),
    "There is no pair: a pair is two nodes that both take part in the mesh.");
}

export function open(place) {
  const about = el("p", { class: "soft" });
  const select = el("select", { id: "chosen" });
  const picture = el("div", { class: "card picture" });
  const tables = el("div", {});
  let data = null;
  let chosenId = "";
  let options = "";
  place.append(about, el("form", {}, field("Pairs of", select)), el("br"), picture, tables);
  select.addEventListener("change", () => choose(data.nodes.find((node) => node.id === select.value) ?? null));
  new ResizeObserver(() => draw()).observe(picture);

  function choose(node) {
    chosenId = node === null ? "" : node.id;
    draw(true);
    if (data.nodes.length > MATRIX_FOR) {
      ask().then(() => draw(true));
    }
  }

  async function ask() {
    const [policy, nodes] = await Promise.all([get("/v1/mesh"), list("/v1/nodes")]);
    nodes.sort((a, b) => isCentre(b) - isCentre(a) || byName(a, b));
    const node = nodes.find((each) => each.id === chosenId);
    const told = nodes.length <= MATRIX_FOR ? await toldOf(nodes) : node === undefined ? new Map() : await toldBy(node);
    data = { policy, nodes, told };
  }

  function fillSelect(nodes) {
    const mark = JSON.stringify(nodes.map((node) => [node.id, node.name]));
    if (mark !== options) {
      options = mark;
      select.replaceChildren(el("option", { value: "" }, "all nodes"), ...nodes.map((node) => el("option", { value: node.id }, node.name)));
    }
    select.value = chosenId;
  }

  let drawnWidth = 0;

  function draw(force = false) {
    const width = Math.round(Math.min(WIDEST, picture.clientWidth - 34));
    if (data === null || width <= 0 || (!force && width === drawnWidth)) {
      return;
    }
    drawnWidth = width;
    const { policy, nodes, told } = data;
    const chosen = nodes.find((node) => node.id === chosenId) ?? null;
    chosenId = chosen === null ? "" : chosen.id;
    fillSelect(nodes);
    const names = new Map(nodes.map((node) => [node.id, node.name]));
    const name = (id) => names.get(id) ?? id;
    const whole = nodes.length <= MATRIX_FOR;
    const pairs = whole ? pairsOf(policy, nodes, told) : chosen === null ? [] : pairsWith(policy, chosen, nodes, told);
    about.replaceChildren(`Topology: ${policy.topology}. Pre-shared keys: ${policy.presharedKeys ? "on" : "off"}. Hubs: ${[...policy.hubs].sort((a, b) => byName({ name: a }, { name: b })).join(", ") || "none"}.`);
    const drawing = { nodes, pairs, chosen, choose, name, width };
    if (nodes.length <= (width < NARROW ? RING_FOR_NARROW : RING_FOR)) {
      show(picture, ring(drawing), legend(),
        el("p", { class: "soft" }, "A filled dot is a manager, a ring around it a hub. Choose a node to read of its pairs; the arrow keys go from node to node."));
    } else if (whole) {
      show(picture, legend(), matrix(drawing));
    } else {
      show(picture, el("p", {}, `${nodes.length} nodes are too many for one picture. Choose one to see its pairs.`));
    }
    const summary = nodes.map((node) => {
      const own = whole ? counts(pairs.filter((pair) => pair.a === node || pair.b === node)) : null;
      return [node.name, status(node.status),
        ...(own === null ? [`${node.peers ?? 0} of ${expected(policy, node, nodes)}`] : [own.direct, own.relayed, own.down, own.unknown].map(String)),
        age(node.traffic?.newestHandshakeSeconds), age(node.traffic?.oldestHandshakeSeconds)];
    });
    const few = pairs.length <= MAX_ROWS && whole;
    show(tables,
      chosen === null && !few ? null : el("section", {}, el("h2", {}, chosen === null ? "Pairs" : `Pairs of ${chosen.name}`),
        pairTable(chosen === null ? "All pairs, what is amiss first" : "What is amiss first",
          (chosen === null ? pairs : pairs.filter((pair) => pair.a === chosen || pair.b === chosen))
            .map((pair) => (chosen !== null && pair.b === chosen ? { ...pair, a: chosen, b: otherEnd(pair, chosen) } : pair)), name)),
      el("h2", {}, "Nodes"),
      table("How many pairs each node has, by how they are reached",
        ["Name", "Status", ...(whole ? ["Direct", "Relayed", "No session", "Not told"] : ["Reached"]), "Newest handshake", "Oldest handshake"],
        summary, "No node has joined yet."));
  }

  return {
    async update() {
      await ask();
      draw(true);
    },
  };
}
