// Exchanges an operator's credential for a session. The credential is neither stored nor shown.
import { signIn } from "./api.js";
import { el, field } from "./dom.js";

const MAX_FILE = 64 * 1024;

async function credentialOf(file) {
  if (file.size > MAX_FILE) {
    throw new Error("this is no operator's file");
  }
  try {
    const { credential } = JSON.parse(await file.text());
    if (typeof credential === "string") {
      return credential;
    }
  } catch {
    // The same as one without a credential.
  }
  throw new Error("this is no operator's file");
}

/** @param why that it is asked again @param done with who is signed in */
export function signin(place, why, done) {
  const file = el("input", { type: "file", id: "file", accept: ".json,application/json" });
  const pasted = el("input", { type: "password", id: "credential", autocomplete: "off", spellcheck: "false", placeholder: "wgfop.…" });
  const wrong = el("p", { role: "alert", class: "refused" }, why);
  const form = el("form", {},
    field("operator.json", file),
    field("or the credential in it", pasted),
    wrong,
    el("button", { type: "submit", class: "main" }, "Sign in"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    wrong.textContent = "";
    try {
      const credential = file.files.length > 0 ? await credentialOf(file.files[0]) : pasted.value.trim();
      if (!/^[\x21-\x7e]+$/.test(credential)) {
        throw new Error("choose your operator's file, or paste the credential");
      }
      done(await signIn(credential));
    } catch (refusal) {
      wrong.textContent = refusal.message;
      (file.files.length > 0 ? file : pasted).focus();
    } finally {
      form.reset();
    }
  });
  place.replaceChildren(el("section", { class: "card signin" },
    el("h1", {}, "Sign in"),
    el("p", { class: "soft" }, "With an operator’s file: the first manager has one in its data folder, and ",
      el("span", { class: "mono" }, "fabric operator create"), " makes more."),
    form));
  pasted.focus();
}
