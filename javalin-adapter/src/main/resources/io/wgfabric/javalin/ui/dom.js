// Elements. What comes from outside becomes text and attributes, never markup.

/** @param attributes "on" is a click, "data-…" and others are attributes; false and null leave one out */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      element.addEventListener("click", value);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Shows other content in a place, and leaves the focus where it was, or near it if that is gone. */
export function show(place, ...children) {
  const key = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  place.replaceChildren(...children.filter((child) => child !== null));
  if (key !== undefined) {
    const same = [...place.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);
    (same ?? place.querySelector("[tabindex]"))?.focus();
  }
}

/** @param columns their heads @param rows arrays of cells: texts, elements or null; the first names the row */
export function table(caption, columns, rows, empty) {
  if (rows.length === 0) {
    return el("p", { class: "card soft" }, empty);
  }
  const body = rows.map((cells) =>
    el("tr", {}, ...cells.map((cell, place) =>
      place === 0
        ? el("th", { scope: "row" }, cell)
        : el("td", columns[place] === "Actions" ? { class: "actions" } : { "data-label": columns[place] }, cell ?? ""))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
    el("table", {},
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, ...columns.map((column) => el("th", { scope: "col" }, column)))),
      el("tbody", {}, ...body)));
}

export function facts(pairs) {
  return el("dl", { class: "facts" },
    ...pairs.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

export const status = (word) => el("span", { class: `status ${word}` }, word.replaceAll("-", " "));

export const mono = (text) => el("span", { class: "mono" }, text);

export function button(label, key, action, kind = "") {
  return el("button", { type: "button", class: kind, "data-key": key, on: action }, label);
}

/** A field with its label. */
export function field(label, input) {
  return el("div", { class: "field" }, el("label", { for: input.id }, label), input);
}

function span(seconds) {
  const size = Math.abs(seconds);
  if (size < 90) return `${Math.round(size)} s`;
  if (size < 5400) return `${Math.round(size / 60)} min`;
  if (size < 172800) return `${Math.round(size / 3600)} h`;
  return `${Math.round(size / 86400)} d`;
}

function relative(at) {
  const seconds = (Date.now() - new Date(at).getTime()) / 1000;
  return seconds >= 0 ? `${span(seconds)} ago` : `in ${span(seconds)}`;
}

/** A moment by how far away it is; tick() keeps it true. */
export function moment(at) {
  return at ? el("time", { datetime: at, title: at }, relative(at)) : "–";
}

export function tick() {
  for (const element of document.querySelectorAll("time")) {
    const text = relative(element.getAttribute("datetime"));
    if (element.textContent !== text) {
      element.textContent = text;
    }
  }
}

export const age = (seconds) => (seconds === undefined || seconds === null ? "–" : span(seconds));

export function bytes(count) {
  let value = count;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (value < 1000) return `${Math.round(value)} ${unit}`;
    value /= 1000;
  }
  return `${value.toFixed(1)} TB`;
}
