// What the two ends of each pair say of it, put together.
import { age } from "./dom.js";

/** WireGuard uses no session that is older (REJECT_AFTER_TIME). */
export const SESSION_SECONDS = 180;

export const STATES = ["direct", "relayed", "down", "unknown"];

const takesPart = (node) => !["pending", "quarantined", "removed"].includes(node.status) && node.backend !== "none";

export const isCentre = (node) => node.hub || node.role === "mgmt";

const hasTunnel = (policy, a, b) =>
  takesPart(a) && takesPart(b) && (policy.topology === "mesh" || isCentre(a) || isCentre(b));

/** How many tunnels a node shall have. */
export function expected(policy, node, nodes) {
  return nodes.filter((other) => other !== node && hasTunnel(policy, node, other)).length;
}

/** "NODE SECONDS", "NODE -" or "NODE via NODE". */
export function parse(text) {
  const [other, how, via] = text.split(" ");
  return [other, how === "via" ? { via } : { seconds: how === "-" ? null : Number(how) }];
}

/** What a node says counts while it is heard, or if the other end says nothing. */
function counting(a, b, told) {
  const both = [[a, told.get(a.id)?.get(b.id)], [b, told.get(b.id)?.get(a.id)]].filter(([, said]) => said !== undefined);
  const heard = both.filter(([node]) => node.status !== "offline");
  return heard.length > 0 ? heard : both;
}

function merge(a, b, told) {
  const ends = counting(a, b, told);
  const relays = [...new Set(ends.map(([, said]) => said.via).filter((via) => via !== undefined))];
  const ages = ends.map(([, said]) => said.seconds).filter((seconds) => Number.isFinite(seconds));
  const newest = ages.length > 0 ? Math.min(...ages) : null;
  const state = ends.length === 0 ? "unknown"
    : relays.length > 0 ? "relayed"
      : newest !== null && newest <= SESSION_SECONDS ? "direct" : "down";
  const disagree = relays.length > 0 && ends.some(([, said]) => said.via === undefined);
  return { a, b, state, relays, newest, disagree };
}

/**
 * The pairs that shall be there.
 * @param told by the id of who says it, and then by that of the other end
 */
export function pairsOf(policy, nodes, told) {
  return nodes.flatMap((a, place) => nodes.slice(place + 1)
    .filter((b) => hasTunnel(policy, a, b))
    .map((b) => merge(a, b, told)));
}

/** The pairs of one node alone. */
export function pairsWith(policy, node, nodes, told) {
  return nodes.filter((other) => other !== node && hasTunnel(policy, node, other)).map((other) => merge(node, other, told));
}

export const otherEnd = (pair, node) => (pair.a === node ? pair.b : pair.a);

/** @param name of a node by its id */
export function pathOf(pair, name) {
  switch (pair.state) {
    case "direct": return "direct";
    case "relayed": return `relayed by ${pair.relays.map(name).join(" and ")}${pair.disagree ? ", one end says direct" : ""}`;
    case "down": return pair.newest === null ? "no handshake yet" : "no session";
    default: return "nothing told yet";
  }
}

export const handshakeOf = (pair) => (pair.newest === null ? "–" : `${age(pair.newest)} ago`);

export const describe = (pair, name) =>
  `${pair.a.name} – ${pair.b.name}: ${pathOf(pair, name)}${pair.newest === null ? "" : `, handshake ${handshakeOf(pair)}`}`;

/** The class of how it is drawn: the state, and of direct ones how old the handshake is. */
export const look = (pair) =>
  (pair.state === "direct" ? `direct age${Math.min(2, Math.floor(pair.newest / 60))}` : pair.state);

export const counts = (pairs) => Object.fromEntries(STATES.map((state) => [state, pairs.filter((pair) => pair.state === state).length]));
