// The page: who is signed in, which view is open, and when it is asked for again.
import { get, signOut } from "./api.js";
import { button, el, moment, tick } from "./dom.js";
import { tell } from "./dialog.js";
import { signin } from "./signin.js";
import * as overview from "./overview.js";
import * as nodes from "./nodes.js";
import * as mesh from "./mesh.js";
import * as tokens from "./tokens.js";
import * as addresses from "./addresses.js";
import * as audit from "./audit.js";
import * as metrics from "./metrics.js";

const VIEWS = { overview, nodes, mesh, tokens, addresses, audit, metrics };

/** How often it is asked whether anything has changed. */
const ASK_MILLIS = 3_000;

/** After so many times a view is asked for again though nothing was decided: heartbeats decide nothing. */
const HEARTBEATS_AFTER = 3;

const main = document.getElementById("main");
const nav = document.getElementById("views");
const state = document.getElementById("state");
const who = document.getElementById("who");

let session = null;
let open = null;
let timer;
let busy = false;
let known = "";
let unchanged = 0;

function named(hash) {
  const name = hash.slice(1);
  return Object.hasOwn(VIEWS, name) ? name : "overview";
}

function signedIn(opened) {
  session = opened;
  who.replaceChildren(`${session.name} (${session.access})`, button("Sign out", "sign-out", leave));
  nav.replaceChildren(...Object.entries(VIEWS).map(([name, view]) => el("a", { href: `#${name}` }, view.title)));
  nav.hidden = false;
  go();
}

function signedOut(why) {
  clearTimeout(timer);
  session = null;
  open = null;
  nav.hidden = true;
  who.replaceChildren();
  state.textContent = "";
  signin(main, why, signedIn);
}

async function leave() {
  try {
    await signOut();
    signedOut("");
  } catch (refusal) {
    tell(refusal.message, true);
  }
}

function go() {
  const name = named(location.hash);
  for (const link of nav.children) {
    if (link.getAttribute("href") === `#${name}`) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
  }
  const view = VIEWS[name];
  document.title = `${view.title} – WireGuard Fabric`;
  const place = el("div", {});
  main.replaceChildren(el("h1", {}, view.title), place);
  open = view.open(place, { mayAct: session.access !== "viewer", refresh: () => refresh(true) });
  refresh(true);
}

/** Looks at the cluster, and asks for the view that is open if something has changed. */
async function refresh(force) {
  clearTimeout(timer);
  if (session === null || (busy && !force)) {
    return;
  }
  busy = true;
  const shown = open;
  try {
    const now = await get("/v1/status");
    const mark = JSON.stringify([now.revision, now.epoch, now.nodes, now.leader, now.managers]);
    unchanged = mark === known ? unchanged + 1 : 0;
    if (force || unchanged % HEARTBEATS_AFTER === 0) {
      await shown.update(now, () => shown === open && session !== null);
    }
    known = mark;
    state.replaceChildren(now.stale ? "No majority confirms this: it may be out of date" : `Live · revision ${now.revision}`);
  } catch (refusal) {
    if (refusal.status === 401) {
      signedOut("You are signed out; sign in again.");
    } else {
      state.replaceChildren("Not live since ", moment(new Date().toISOString()), `: ${refusal.message}`);
    }
  } finally {
    busy = false;
    clearTimeout(timer);
    // Nobody looks at a tab that is hidden.
    if (session !== null && !document.hidden) {
      timer = setTimeout(() => refresh(false), ASK_MILLIS);
    }
  }
}

addEventListener("hashchange", () => {
  if (session !== null && location.hash !== "#main") {
    go();
    main.focus();
  }
});
document.addEventListener("visibilitychange", () => document.hidden || refresh(true));
setInterval(tick, 1_000);

try {
  signedIn(await get("/v1/session"));
} catch {
  signedOut("");
}
