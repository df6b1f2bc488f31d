import { get } from "./api.js";
import { button, el, mono, show, status, table } from "./dom.js";

export const title = "Audit";

const PART = 50;

export function open(place) {
  const rows = el("div", {});
  const older = button("Older", "older", () => turn(-PART));
  const newer = button("Newer", "newer", () => turn(PART));
  const newest = button("Newest", "newest", () => {
    after = null;
    draw();
  });
  let after = null;
  let part = null;
  let valid = () => true;
  place.append(el("div", { role: "group", "aria-label": "Parts of the audit chain" }, older, " ", newer, " ", newest), el("br"), rows);

  function turn(by) {
    const start = part.items.length > 0 ? part.items[0].number - 1 : 0;
    after = Math.max(part.first - 1, start + by);
    draw();
  }

  async function draw() {
    const wanted = after;
    const found = await get(`/v1/audit?limit=${PART}${after === null ? "" : `&after=${after}`}`);
    if (wanted !== after || !valid()) {
      return;
    }
    if (after !== null && found.items.length === 0) {
      after = null;
      await draw();
      return;
    }
    part = found;
    const items = [...part.items].reverse();
    older.disabled = items.length === 0 || items.at(-1).number <= part.first;
    newer.disabled = after === null;
    newest.disabled = after === null;
    show(rows, table(after === null ? "The newest entries, the newest first" : "Entries, the newest first",
      ["No.", "Time", "Who", "Action", "Subject", "Outcome", "Detail"],
      items.map((entry) => [String(entry.number),
        el("span", { class: "mono" }, entry.time.replace("T", " ").replace(/\.\d+Z$|Z$/, "Z")),
        mono(`${entry.actor.kind.toLowerCase()} ${entry.actor.id}${entry.actor.from ? ` from ${entry.actor.from}` : ""}`),
        entry.action, mono(entry.subject),
        entry.outcome === "accepted" ? status("accepted") : el("span", { class: "status refused" }, entry.outcome),
        entry.detail]),
      "Nothing was written yet."));
  }

  return {
    async update(now, isOpen) {
      valid = isOpen;
      if (after === null) {
        await draw();
      }
    },
  };
}
