// Rules: may X send Y to Z on a day, by which way, who says so, what would open it; and who may supply whom.
import { ask } from "../api.js";
import { choice, csv, labelled, make, problem, save } from "../dom.js";
import { address, beside, outward } from "../shared.js";

export const title = "Rules";
const USUAL = { item: "pac3_mse", from: "JPN", to: "UKR", on: "2024-01-15" };
const GLYPHS = { permit: "\u2713", consent_required: "\u25d0", undetermined: "?", deny: "\u2715" };
const SAYS = { permit: "permitted", consent_required: "with consent", undetermined: "not determined", deny: "denied" };
const MOST_WAYS = 6;
let asked = null, known = null;

export async function show(places, state, go) {
  known = known || (await ask("/api/rules/words"));
  const now = Object.fromEntries(["item", "from", "to", "on", "via", "origin", "asked"].map((name) => [name, state.get(name) || USUAL[name] || ""]));
  places.controls.parentElement.querySelector(".summary-name").textContent = "Change the question";
  const fields = controls(places, now, (changed) => {
    const next = { ...read(fields), ...changed };
    go(next);
    answer(places, fields, next);
  });
  await answer(places, fields, now);
}

export function leave() {
  asked?.abort();
  document.getElementById("side-name").textContent = "Change the numbers";
}

/** The fields of the question; a word of the address that is not on the list stays as it was written. */
function controls({ controls: place }, now, changed) {
  const run = () => changed({});
  const pick = (name, list, none) => {
    const options = [...(none ? [{ value: "", text: none }] : []), ...list];
    if (now[name] && !options.some(({ value }) => value === now[name])) options.unshift({ value: now[name], text: now[name] });
    const select = choice(options, now[name], run);
    select.id = `ask-${name}`;
    return select;
  };
  const fields = {
    item: pick("item", known.items), from: pick("from", known.states), to: pick("to", known.states),
    via: pick("via", known.states, "straight"), origin: pick("origin", known.states, "as the register says"),
    on: make("input", { type: "text", id: "ask-on", value: now.on, inputmode: "numeric", autocomplete: "off", maxlength: "40", onchange: run }),
    asked: make("input", { type: "checkbox", id: "ask-asked", checked: now.asked !== "no", onchange: run }),
  };
  const form = make("form", { class: "controls-form", onsubmit: (event) => { event.preventDefault(); run(); } },
    labelled("What", fields.item), labelled("Who sends it", fields.from), labelled("Who is to have it", fields.to),
    labelled("Through", fields.via), labelled("Made by", fields.origin), labelled("On which day", fields.on, "For example 2024-01-15."),
    make("label", { class: "tick", for: "ask-asked" }, fields.asked, "Officially asked for"),
    make("button", { class: "first", type: "submit" }, "Ask"));
  place.append(form);
  return fields;
}

const read = (fields) => ({
  item: fields.item.value, from: fields.from.value, to: fields.to.value, via: fields.via.value, origin: fields.origin.value,
  on: fields.on.value.trim(), asked: fields.asked.checked ? "" : "no",
});

async function answer(places, fields, now) {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  for (const name of ["item", "from", "to", "via", "origin", "on"]) beside(fields[name], "");
  places.summary.textContent = `${now.from} to ${now.to}`;
  try {
    const told = await ask("/api/rules/ask", now, signal);
    places.answer.replaceChildren(...verdict(told));
    places.figures.replaceChildren(...reasons(told));
    await matrix(places, now, signal);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    const wrong = Object.entries(fault.fields || {}).filter(([name]) => fields[name]);
    for (const [name, message] of wrong) beside(fields[name], message);
    if (wrong.length) document.getElementById("side").open = true;
    places.figures.replaceChildren();
    places.answer.replaceChildren(make("h1", {}, "This question has no answer yet"), wrong.length
      ? make("p", {}, `Look at ${wrong.map(([name]) => document.querySelector(`label[for=ask-${name}]`).textContent.toLowerCase()).join(" and ")}.`) : problem(fault.message));
  }
}

/** The answer in a sentence, then the cheapest way to open it. */
function verdict(told) {
  const open = told.unlocks.filter((one) => one.through)[0];
  const parts = [make("h1", {}, cell(told.outcome), ` ${told.sentence}`)];
  if (open) parts.push(make("p", {}, make("strong", {}, "Cheapest way to open it: "), open.sentence));
  else if (told.outcome === "deny") parts.push(make("p", {}, "Nothing that was tried, alone or in pairs, would have let it through."));
  if (!told.question.registered) parts.push(make("p", {}, "This item is in no catalogue: taken as a finished product of the exporter's own, lethal or not."));
  return parts;
}

/** A fill with its glyph and, for who cannot see it, the word. */
function cell(outcome) {
  return make("span", { class: `verdict ${outcome}` }, make("span", { "aria-hidden": "true" }, GLYPHS[outcome]), make("span", { class: "unseen" }, `${SAYS[outcome]}:`));
}

function reasons(told) {
  const name = (code) => told.names[code] || code;
  const hops = told.hops.map((hop) => make("div", { class: "hop" },
    told.hops.length > 1 ? make("h3", {}, `From ${name(hop.from)} to ${name(hop.to)}: ${SAYS[hop.outcome]}`) : null,
    make("p", { class: "prose" }, hop.paragraph)));
  const parts = [make("section", { "aria-labelledby": "why-title" }, make("h2", { id: "why-title" }, "Why"), ...hops)];
  const ways = told.unlocks.filter((one) => one.through), rest = told.unlocks.filter((one) => !one.through);
  if (ways.length) parts.push(make("section", { "aria-labelledby": "ways-title" }, make("h2", { id: "ways-title" }, "What would have let it through, the cheapest first"),
    make("ol", { class: "prose" }, ...ways.slice(0, MOST_WAYS).map((one) => make("li", {}, one.sentence))),
    ways.length > MOST_WAYS ? make("p", { class: "what" }, `And ${ways.length - MOST_WAYS} more, in the data.`) : null));
  if (rest.length) parts.push(make("section", { "aria-labelledby": "rest-title" }, make("h2", { id: "rest-title" }, "Not enough by itself"),
    make("ul", { class: "prose" }, ...rest.slice(0, MOST_WAYS).map((one) => make("li", {}, one.sentence)))));
  parts.push(make("section", { "aria-labelledby": "sources-title" }, make("h2", { id: "sources-title" }, "Sources"),
    told.sources.length ? make("ul", { class: "prose" }, ...told.sources.map((one) => make("li", {}, outward(one.title, one.url), ` (${one.id}, ${one.grade})`))) : make("p", { class: "what" }, "No rule spoke, so none is cited."),
    make("div", { class: "export" },
      make("button", { type: "button", "aria-label": "CSV: claimants and their answers", onclick: () => save("rules.csv", `\ufeff${claimants(told)}`, "text/csv") }, "CSV"),
      make("button", { type: "button", "aria-label": "Text: the whole answer", onclick: () => save("rules.txt", `${told.words}\n`, "text/plain") }, "Text"))));
  return parts;
}

function claimants(told) {
  const rows = told.hops.flatMap((hop) => hop.claimants.map((one) => [hop.from, hop.to, hop.on, hop.item, one.state, one.role, one.outcome, one.because, one.deciding.map(({ rule }) => rule).join(" ")]));
  return csv(["from", "to", "on", "item", "claimant", "role", "outcome", "because", "rules"], rows);
}

async function matrix({ figures }, now, signal) {
  const found = await ask("/api/rules/matrix", { item: now.item, on: now.on }, signal);
  const said = new Map(found.answers.map((one) => [`${one.from} ${one.to}`, one.outcome]));
  const name = (code) => found.names[code] || code;
  const at = (giver, taker) => {
    const outcome = said.get(`${giver} ${taker}`);
    if (!outcome) return make("td", { class: "self" }, make("span", { "aria-label": "itself", role: "img" }, "\u2013"));
    const here = giver === now.from && taker === now.to;
    return make("td", {}, make("a", { class: `verdict ${outcome}`, href: address({ view: "rules", ...now, from: giver, to: taker }), "aria-current": here && "true", "aria-label": `${name(giver)} to ${name(taker)}: ${SAYS[outcome]}`, title: `${name(giver)} to ${name(taker)}: ${SAYS[outcome]}` }, GLYPHS[outcome]));
  };
  const heads = found.recipients.map((code) => make("th", { scope: "col" }, name(code)));
  const rows = found.suppliers.map((giver) => make("tr", {}, make("th", { scope: "row" }, name(giver)), ...found.recipients.map((taker) => at(giver, taker))));
  const key = Object.keys(GLYPHS).map((one) => make("li", {}, make("span", { class: `verdict ${one}`, "aria-hidden": "true" }, GLYPHS[one]), ` ${SAYS[one]}`));
  figures.append(make("figure", { id: "matrix", "aria-labelledby": "matrix-title" },
    make("h2", { id: "matrix-title" }, `Who may supply ${found.name} to whom`),
    make("p", { class: "what" }, `May the row\u2019s state send it to the column\u2019s state on ${found.on}? ${found.assumed}`),
    make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Who may supply whom" },
      make("table", { class: "matrix" }, make("caption", { class: "unseen" }, "Suppliers in rows, recipients in columns"),
        make("thead", {}, make("tr", {}, make("td", {}), ...heads)), make("tbody", {}, ...rows))),
    make("ul", { class: "key" }, ...key),
    make("div", { class: "export" },
      make("a", { href: `/api/rules/matrix.svg?${new URLSearchParams({ item: now.item, on: now.on })}`, download: `rules_matrix_${found.on}.svg`, "aria-label": "SVG: who may supply whom" }, "SVG"),
      make("button", { type: "button", "aria-label": "CSV: who may supply whom", onclick: () => save(`rules_matrix_${found.on}.csv`, `\ufeff${csv(["from", "to", "outcome"], found.answers.map((one) => [one.from, one.to, one.outcome]))}`, "text/csv") }, "CSV"))));
}
