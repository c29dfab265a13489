// Building the page. Words of the user only ever become text, never HTML.

/** An element: make("p", {class: "what"}, "text", otherElement). Attributes that are null or false are left out. */
export function make(name, attributes = {}, ...parts) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "text") element.textContent = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...parts.filter((part) => part !== null && part !== undefined));
  return element;
}

/** A labelled field: its name above, then the control. */
export function labelled(name, control, help = "") {
  control.id = control.id || `field-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
  return make("div", {}, make("label", { class: "name", for: control.id }, name), control, help && make("p", { class: "help" }, help));
}

/** A choice from a list of {value, text}. */
export function choice(options, chosen, changed) {
  const select = make("select", { onchange: () => changed(select.value) });
  for (const { value, text } of options) select.append(make("option", { value, selected: value === chosen }, text));
  return select;
}

/** A table with a caption for screen readers; `numeric`: indices of columns that hold numbers. */
export function table(caption, head, rows, numeric = []) {
  const at = (index) => (numeric.includes(index) ? "n" : null);
  return make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    make("table", { class: "table" },
      make("caption", { class: "unseen" }, caption),
      make("thead", {}, make("tr", {}, ...head.map((word, index) => make("th", { scope: "col", class: at(index) }, word)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell, index) => make("td", { class: at(index) }, cell)))))));
}

/** A mistake, in words. */
export function problem(message) {
  return make("p", { class: "problem", role: "alert" }, message);
}

/** Rows as CSV; a word that a spreadsheet would take for a formula gets an apostrophe. */
export function csv(head, rows) {
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    let text = String(value);
    if (typeof value === "string" && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Hand a file to the reader. */
export function save(name, content, type) {
  const url = typeof content === "string" && content.startsWith("data:") ? content : URL.createObjectURL(new Blob([content], { type }));
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  if (url.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** The honesty tag: "public", "user" or "fictional"; empty hides it. */
export function tag(label) {
  const place = document.getElementById("tag");
  place.hidden = !label;
  place.textContent = label === "user" ? "own numbers" : label;
  place.classList.toggle("fictional", label === "fictional");
}
