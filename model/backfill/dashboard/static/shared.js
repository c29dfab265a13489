// What the views on law, runs and studies share: numbers and months in words, links, tables with their export.
import { csv, make, save, table } from "./dom.js";
import { figureOf } from "./charts.js";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** "2024-06" as "June 2024". */
export const monthName = (month) => `${MONTHS[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;

/** A number as it is read: whole where it is, else one decimal; a dash where it is not defined. */
export function amount(value) {
  if (value === null || value === undefined || value === "") return "\u2013";
  return figureOf(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1);
}

/** The same with its sign. */
export const change = (value) => (value > 0 ? "+" : "") + amount(value);

/** A name of the program as words: units_to_aided becomes "units to aided". */
export const words = (name) => name.replaceAll("_", " ");

/** A sentence as what stands first, and how sure it is: "X; the interval is Y." becomes "X." and "The interval is Y." */
export function headed(answer) {
  const cut = answer.indexOf("; ");
  return cut > 0 ? [`${answer.slice(0, cut)}.`, answer[cut + 2].toUpperCase() + answer.slice(cut + 3)] : [answer, ""];
}

/** The address of a view with a state. */
export const address = (parameters) => `?${new URLSearchParams(Object.entries(parameters).filter(([, value]) => value !== "" && value !== null && value !== undefined))}`;

/** A link that leaves this machine only if it is one of the web; else plain text. */
export function outward(title, url) {
  return /^https?:\/\//i.test(url || "") ? make("a", { href: url, rel: "noreferrer noopener", target: "_blank" }, title) : document.createTextNode(title);
}

/** A section with its heading, a table and its export; says `empty` where there is nothing. */
export function listing({ id, title, what = "", head, rows, numeric = [], empty = "Nothing.", name, data }) {
  const section = make("section", { id, "aria-labelledby": `${id}-title` }, make("h2", { id: `${id}-title` }, title), what && make("p", { class: "what" }, what));
  if (!rows.length) section.append(make("p", { class: "what" }, empty));
  else {
    section.append(table(title, head, rows, numeric));
    const exported = data || { head, rows };
    section.append(make("div", { class: "export" }, make("button", { type: "button", "aria-label": `CSV: ${title}`, onclick: () => save(`${name}.csv`, `\ufeff${csv(exported.head, exported.rows)}`, "text/csv") }, "CSV")));
  }
  return section;
}

/** Put a mistake below a control (or below `place`), or take it away. */
export function beside(control, message, place = control) {
  const id = `${control.id}-problem`;
  document.getElementById(id)?.remove();
  control.toggleAttribute("aria-invalid", false);
  control.removeAttribute("aria-describedby");
  if (!message) return;
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", id);
  place.after(make("p", { id, class: "problem", role: "alert" }, message));
}
