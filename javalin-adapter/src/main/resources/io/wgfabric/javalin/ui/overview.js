import { byName } from "./api.js";
import { el, facts, mono, show, status, table } from "./dom.js";

export const title = "Overview";

const HEALTHY = ["leader", "follower"];

/** What an operator should look at, in words. */
function concerns(now) {
  const found = [];
  if (now.stale) found.push("No majority of the managers answers: what is shown may be out of date, and nothing can be changed.");
  if (!now.leader) found.push("No leader is known.");
  const away = now.managers.filter((manager) => !HEALTHY.includes(manager.role)).map((manager) => manager.name);
  if (away.length > 0) found.push(`Managers that take no part in decisions: ${away.join(", ")}.`);
  const { offline, suspect, pending, quarantined } = now.nodes;
  if (offline + suspect > 0) found.push(`Nodes that are not heard of: ${offline} offline, ${suspect} suspect.`);
  if (pending > 0) found.push(`Nodes that wait for approval: ${pending}.`);
  if (quarantined > 0) found.push(`Nodes in quarantine: ${quarantined}.`);
  return found;
}

export function open(place) {
  return {
    async update(now) {
      const found = concerns(now);
      show(place,
        el("section", { class: "card" },
          found.length === 0
            ? el("p", { class: "status online" }, "All managers and nodes are well")
            : el("ul", {}, ...found.map((text) => el("li", {}, text)))),
        el("h2", {}, "Cluster"),
        facts([
          ["Leader", now.leader ? now.leader.name : "none"],
          ["Term", String(now.raft.term)],
          ["Revision", String(now.revision)],
          ["Nodes online", `${now.nodes.online} of ${now.nodes.total}`],
          ["Tokens", String(now.tokens)],
          ["Votes", String(now.voters.length)],
        ]),
        el("h2", {}, "Managers"),
        table("Managers and what they do in decisions", ["Name", "Role", "Node", "Address", "Level"],
          [...now.managers].sort(byName).map((manager) => [
            manager.name + (manager.id === now.manager.id ? " (answers this page)" : ""),
            status(manager.role), status(manager.status), mono(manager.api), String(manager.supports)]),
          "There are no managers."),
        el("h2", {}, "This manager"),
        table("What the manager that answers knows", ["What", "Value"], [
          ["Cluster", mono(now.cluster)],
          ["Version", `${now.version}, cluster level ${now.level}, epoch ${now.epoch}`],
          ["Log", `${now.raft.role}, committed ${now.raft.committed}, applied ${now.raft.applied}`],
          ["State’s digest", mono(now.digest)],
          ["Pools", mono(now.pools.join(", "))],
        ], ""));
    },
  };
}
