import { change, list } from "./api.js";
import { ask, attempt, tell } from "./dialog.js";
import { button, el, field, moment, mono, show, status, table } from "./dom.js";

export const title = "Tokens";

const LIVES = [["3600", "1 hour"], ["86400", "1 day"], ["604800", "7 days"], ["2592000", "30 days"]];
const option = ([value, label]) => el("option", { value }, label);

function checkbox(name, label) {
  return el("div", { class: "check" }, el("input", { type: "checkbox", id: name, name }), el("label", { for: name }, label));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    tell("copied");
  } catch {
    tell("this browser does not let a page copy; select the line and copy it", true);
  }
}

/** The one time that the token can be read. */
function reveal(place, created) {
  place.replaceChildren(
    el("p", {}, "Run this on the machine that shall join. It is shown here once, and admits ",
      created.uses === 0 ? "any number of nodes" : created.uses === 1 ? "one node" : `${created.uses} nodes`,
      "; it expires ", moment(created.expires), "."),
    el("code", { class: "joinline mono" }, created.joinCommand),
    button("Copy", "copy", () => copy(created.joinCommand), "main"), " ",
    button("Done", "done", () => place.replaceChildren()));
  place.querySelector("button").focus();
}

function creation(context) {
  const result = el("div", { "aria-live": "polite" });
  const form = el("form", {},
    field("Role", el("select", { id: "role", name: "role" }, option(["peer", "peer"]), option(["mgmt", "manager"]))),
    field("Valid for", el("select", { id: "ttl", name: "ttl" }, ...LIVES.map(option))),
    field("Uses (0: any number)", el("input", { id: "uses", name: "uses", type: "number", min: "0", max: "1000000", value: "1", required: true })),
    field("Tags, by commas", el("input", { id: "tags", name: "tags" })),
    checkbox("ephemeral", "Ephemeral nodes"),
    checkbox("approval", "Needs approval"),
    el("button", { type: "submit", class: "main" }, "Create token"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wish = Object.fromEntries(new FormData(form));
    const created = await attempt(() => change("POST", "/v1/tokens", {
      role: wish.role,
      ttlSeconds: Number(wish.ttl),
      uses: Number(wish.uses),
      tags: wish.tags.split(",").map((tag) => tag.trim()).filter((tag) => tag !== ""),
      ephemeral: wish.ephemeral === "on",
      needsApproval: wish.approval === "on",
    }), "The token is made");
    if (created) {
      reveal(result, created);
      context.refresh();
    }
  });
  return el("section", { class: "card" }, form, result);
}

async function revoke(token, context) {
  const answer = await ask(`Revoke ${token.id}?`, "Nobody joins with it any more.", "Revoke",
    [checkbox("cascade", `Also quarantine the ${token.nodes.length} nodes that joined with it`)], true);
  if (answer) {
    const cascade = answer.cascade === "on";
    await attempt(() => change("DELETE", `/v1/tokens/${encodeURIComponent(token.id)}${cascade ? "?cascade=true" : ""}`),
      cascade ? "The token is revoked, its nodes are quarantined" : "The token is revoked");
    context.refresh();
  }
}

export function open(place, context) {
  const rows = el("div", {});
  let shown = "";
  if (context.mayAct) {
    place.append(creation(context), el("h2", {}, "Tokens"));
  }
  place.append(rows);
  return {
    async update() {
      const tokens = await list("/v1/tokens");
      const mark = JSON.stringify(tokens);
      if (mark === shown) {
        return;
      }
      shown = mark;
      tokens.sort((a, b) => b.created.localeCompare(a.created));
      show(rows, table(`${tokens.length} tokens, the newest first; nothing here admits anybody`,
        ["Id", "State", "Role", "Used", "Expires", "Tags", "Nodes", "Actions"],
        tokens.map((token) => [
          mono(token.id), status(token.state),
          (token.role === "mgmt" ? "manager" : token.role) + (token.ephemeral ? ", ephemeral" : "") + (token.needsApproval ? ", needs approval" : ""),
          `${token.used} of ${token.uses === 0 ? "any number" : token.uses}`,
          moment(token.expires), [...token.tags].join(", "), String(token.nodes.length),
          context.mayAct && token.revoked === undefined
            ? el("button", { type: "button", class: "danger", "data-key": token.id, "aria-label": `Revoke ${token.id}`, on: () => revoke(token, context) }, "Revoke")
            : "",
        ]), "There is no token yet."));
    },
  };
}
