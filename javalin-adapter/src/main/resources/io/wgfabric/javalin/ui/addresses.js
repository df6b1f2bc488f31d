import { change, list } from "./api.js";
import { ask, attempt } from "./dialog.js";
import { button, el, field, moment, mono, show, status, table } from "./dom.js";

export const title = "Addresses";

async function release(use, context) {
  const answer = await ask(`Release ${use.address}?`, "Its reservation is dropped; if it has none, its rest ends.", "Release", [], true);
  if (answer) {
    await attempt(() => change("DELETE", `/v1/ipam/addresses/${encodeURIComponent(use.address)}`), `${use.address} is released`);
    context.refresh();
  }
}

function reservation(context) {
  const form = el("form", {},
    field("Address", el("input", { id: "address", name: "address", required: true, class: "mono" })),
    field("For the node of this name", el("input", { id: "name", name: "name", required: true })),
    el("button", { type: "submit", class: "main" }, "Reserve"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wish = Object.fromEntries(new FormData(form));
    if (await attempt(() => change("POST", "/v1/ipam/reservations", wish), `${wish.address} is reserved for ${wish.name}`)) {
      form.reset();
      context.refresh();
    }
  });
  return el("section", { class: "card" }, form);
}

export function open(place, context) {
  const pools = el("div", {});
  const uses = el("div", {});
  let shown = "";
  place.append(pools, el("h2", {}, "Addresses"));
  if (context.mayAct) {
    place.append(reservation(context), el("br"));
  }
  place.append(uses);
  return {
    async update() {
      const [pool, use] = await Promise.all([list("/v1/ipam/pools"), list("/v1/ipam/addresses")]);
      const mark = JSON.stringify([pool, use]);
      if (mark === shown) {
        return;
      }
      shown = mark;
      show(pools, table("Pools, in the order in which they give addresses", ["Pool", "Size", "Leased", "Reserved", "Resting"],
        pool.map((p) => [mono(p.pool), p.size > 1e15 ? Number(p.size).toExponential(1) : String(p.size), String(p.leased), String(p.reserved), String(p.resting)]),
        "There is no pool."));
      show(uses, table(`${use.length} addresses in use, reserved or at rest`,
        ["Address", "State", "Node", "Reserved for", "Usable from", "Actions"],
        use.map((u) => [mono(u.address), status(u.state), u.name ?? u.node ?? "", u.reservedFor ?? "",
          u.usableFrom ? moment(u.usableFrom) : "",
          context.mayAct && (u.reservedFor || u.state === "resting")
            ? button("Release", u.address, () => release(u, context))
            : ""]),
        "No address is in use."));
    },
  };
}
