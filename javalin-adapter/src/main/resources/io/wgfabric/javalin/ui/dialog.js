// Questions before something is changed, and words about what came of it.
import { el } from "./dom.js";

const MESSAGE_MILLIS = 8_000;
let fading;

export function tell(text, wrong = false) {
  const place = document.getElementById("messages");
  place.className = wrong ? "wrong" : "";
  place.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => place.replaceChildren(), MESSAGE_MILLIS);
}

/**
 * Asks before something is done.
 * @param inputs elements of the form, whose names are the names of what is answered
 * @returns what was put in, or null if it shall not be done
 */
export function ask(title, text, action, inputs = [], danger = false) {
  const dialog = document.getElementById("dialog");
  const form = el("form", { method: "dialog" },
    ...inputs,
    el("div", { class: "row" },
      el("button", { type: "button", on: () => dialog.close("") }, "Cancel"),
      el("button", { type: "submit", class: danger ? "danger" : "main" }, action)));
  dialog.replaceChildren(el("h2", { id: "dialog-title" }, title), el("p", {}, text), form);
  dialog.returnValue = "";
  return new Promise((resolve) => {
    // The form is sent nowhere: the page's policy forbids that, so what was put in is taken from it here.
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close("done");
    });
    dialog.addEventListener("close", () =>
      resolve(dialog.returnValue === "done" ? Object.fromEntries(new FormData(form)) : null), { once: true });
    dialog.showModal();
  });
}

/** Does something, and tells how it went. */
export async function attempt(action, done) {
  try {
    const result = await action();
    tell(done);
    return result;
  } catch (refusal) {
    tell(refusal.message, true);
    return undefined;
  }
}
