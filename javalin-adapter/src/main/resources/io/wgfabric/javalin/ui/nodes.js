import { byName, change, list } from "./api.js";
import { ask, attempt } from "./dialog.js";
import { age, button, bytes, el, field, moment, show, status, table } from "./dom.js";

export const title = "Nodes";

const path = (node, rest = "") => `/v1/nodes/${encodeURIComponent(node.id)}${rest}`;

async function quarantine(node) {
  const answer = await ask(`Quarantine ${node.name}?`, "It is taken off every other node’s interface within seconds.", "Quarantine",
    [field("Reason", el("input", { id: "reason", name: "reason", required: true, maxlength: "200" })),
      field("Ends by itself after minutes (empty: when it is released)",
        el("input", { id: "minutes", name: "minutes", type: "number", min: "1" }))], true);
  return answer && attempt(() => change("POST", path(node, "/quarantine"),
    { reason: answer.reason, ...(answer.minutes ? { seconds: Number(answer.minutes) * 60 } : {}) }),
  `${node.name} is quarantined`);
}

async function act(node, word, text, done, danger, method, rest) {
  const answer = await ask(`${word} ${node.name}?`, text, word, [], danger);
  return answer && attempt(() => change(method, path(node, rest)), `${node.name} ${done}`);
}

function actions(node, context) {
  if (!context.mayAct || node.status === "removed") {
    return "";
  }
  const own = (label, action, kind) =>
    el("span", {}, button(label, `${node.id} ${label}`, async () => {
      await action();
      context.refresh();
    }, kind), " ");
  const buttons = [];
  if (node.status === "pending") {
    buttons.push(own("Approve", () => act(node, "Approve", "It is let into the mesh.", "is approved", false, "POST", "/approve")));
  }
  if (node.status === "quarantined") {
    buttons.push(own("Release", () => act(node, "Release", "It comes back into the mesh.", "is released", false, "POST", "/release")));
  } else {
    if (node.status !== "pending") {
      buttons.push(own("Rotate", () => act(node, "Rotate the keys of", "It makes new keys; no packet is lost.",
        "rotates its keys", false, "POST", "/rotate")));
    }
    buttons.push(own("Quarantine", () => quarantine(node)));
  }
  buttons.push(own("Remove", () => act(node, "Remove", "For good: it must join again with a new token. Its addresses come back after a rest.",
    "is removed", true, "DELETE", ""), "danger"));
  return el("span", { role: "group", "aria-label": `Actions on ${node.name}` }, ...buttons);
}

function row(node, context) {
  const standing = el("span", {}, status(node.status),
    node.rotation ? el("span", {}, " ", status("rotating")) : null,
    el("br"), el("span", { class: "soft" }, node.cause));
  const lines = (...texts) => el("span", { class: "lines" }, texts.join("\n"));
  const tunnel = node.backend === undefined || node.backend === "none"
    ? "–"
    : lines(`${node.peers} peers, ${node.backend}`,
      `handshakes ${age(node.traffic?.newestHandshakeSeconds)} – ${age(node.traffic?.oldestHandshakeSeconds)}`,
      `↓ ${bytes(node.traffic?.receivedBytes ?? 0)} ↑ ${bytes(node.traffic?.sentBytes ?? 0)}`);
  return [
    el("span", {}, node.name, el("br"), el("span", { class: "soft mono" }, node.id)),
    standing,
    (node.role === "mgmt" ? "manager" : node.role) + (node.hub ? ", hub" : "") + (node.ephemeral ? ", ephemeral" : ""),
    el("span", { class: "mono lines" }, node.addresses.join("\n")),
    moment(node.lastSeen),
    tunnel,
    node.version ?? "–",
    actions(node, context),
  ];
}

export function open(place, context) {
  const filter = el("input", { id: "filter", type: "search", placeholder: "name, address, status, tag", size: "32" });
  const rows = el("div", {});
  let nodes = [];
  let shown = "";
  const draw = (force) => {
    const wanted = filter.value.trim().toLowerCase();
    const found = nodes.filter((node) =>
      [node.name, node.status, node.role, node.id, ...node.addresses, ...node.tags].some((text) => text.toLowerCase().includes(wanted)));
    const mark = JSON.stringify(found);
    if (force || mark !== shown) {
      shown = mark;
      show(rows, table(`${found.length} of ${nodes.length} nodes`,
        ["Name", "Status", "Role", "Addresses", "Last seen", "Tunnel", "Version", "Actions"],
        found.map((node) => row(node, context)),
        nodes.length === 0 ? "No node has joined yet: create a token." : "No node fits."));
    }
  };
  filter.addEventListener("input", () => draw(false));
  place.append(el("form", { role: "search" }, field("Find", filter)), el("br"), rows);
  place.firstChild.addEventListener("submit", (event) => event.preventDefault());
  return {
    async update() {
      nodes = (await list("/v1/nodes")).sort(byName);
      draw(false);
    },
  };
}
