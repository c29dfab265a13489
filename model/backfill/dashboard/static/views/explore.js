// Explore: choose a world and arms, move its numbers, and see the answer follow.

import { ask, follow } from "../api.js";
import { choice, labelled, make, problem, tag } from "../dom.js";
import { headed } from "../shared.js";
import { colours, drawFigures, outdate } from "./explore_figures.js";

export const title = "Explore";
const FIRST = "japan_patriot";
const SHOWN = 6;
const WAIT = 100;
const ROOMY = 6;

let move = null, opening = null, timer = 0, moved = -Infinity;

export function leave() {
  clearTimeout(timer);
  move?.abort();
  opening?.abort();
}

export async function show(parts, state, go) {
  leave();
  opening = new AbortController();
  const { signal } = opening;
  const wanted = {
    scenario: state.get("scenario") || FIRST,
    arms: (state.get("arms") ?? "no_backfill").split(",").filter((arm) => arm && arm !== "baseline"),
    fixed: new Map(state.getAll("set").map((entry) => { const at = entry.indexOf("="); return [entry.slice(0, at), entry.slice(at + 1)]; })),
    runs: state.get("runs") || "", seed: state.get("seed") || "",
  };
  const heading = make("h1", {}, "Working it out"), below = make("p", { class: "leaning" }), status = make("p", { class: "status", role: "status" }), wrong = make("div", { id: "wrong" });
  const told = make("div", { class: "arms-told" });
  parts.answer.append(heading, below, told, status, wrong);
  status.textContent = "Opening the scenario and looking for the numbers that matter.";

  const page = { ...parts, heading, below, told, status, wrong, wanted, go, drawn: null, world: null };
  const worlds = ask("/api/worlds", {}, signal).catch(() => []);
  try {
    page.world = await ask("/api/explore/world", { scenario: wanted.scenario }, signal);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    heading.textContent = "This world cannot be opened";
    status.textContent = "";
    wrong.replaceChildren(...fault.message.split("\n\n").map(problem));
    parts.controls.append(worldChoice(worlds, wanted.scenario, "", parts, go));
    return;
  }
  tag(page.world.label);
  controls(page, worlds);
  run(page, { replace: true });
}

/** The worlds to choose from; the list may come later than the page. */
function worldChoice(worlds, chosen, words, parts, go) {
  const select = choice([{ value: words ? chosen : "", text: words || "Choose one" }], chosen, (scenario) => {
    go({ scenario });
    for (const part of [parts.answer, parts.controls, parts.figures]) part.replaceChildren();
    show(parts, new URLSearchParams(location.search), go).then(() => document.getElementById("field-scenario")?.focus());
  });
  worlds.then((listed) => select.append(...listed.filter(({ name }) => name !== chosen || !words).map(({ name, title: text }) => make("option", { value: name }, text || name))));
  return labelled("Scenario", select);
}

function controls(page, worlds) {
  const { world, wanted } = page;
  const known = new Set(world.arms.map(({ name }) => name));
  const unknown = wanted.arms.filter((arm) => !known.has(arm));
  if (unknown.length === 1 && unknown[0] === "no_backfill" && !new URLSearchParams(location.search).has("arms")) wanted.arms = world.arms.slice(1, 2).map(({ name }) => name);
  const form = make("form", { novalidate: true, onsubmit: (event) => { event.preventDefault(); takeTyped(page); run(page); } });
  form.style.display = "contents";
  page.rows = new Map(world.numbers.map((number) => [number.path, slider(page, number)]));
  const first = world.numbers.filter(({ path }, at) => at < SHOWN || wanted.fixed.has(path)).map(({ path }) => path);
  const shown = first.map((path) => page.rows.get(path).element);
  const rest = [...page.rows].filter(([path]) => !first.includes(path)).map(([, { element }]) => element);
  form.append(
    worldChoice(worlds, world.name, world.title, page, page.go),
    armChoice(page),
    make("fieldset", { class: "numbers" }, make("legend", {}, "Numbers that matter"),
      make("p", { class: "help" }, "Those on which the answer leans most come first. What you do not move is drawn from its range in every run."), ...shown),
    rest.length ? make("details", { class: "more" }, make("summary", {}, `${rest.length} more numbers`), make("div", { class: "numbers" }, ...rest)) : "",
    make("div", { class: "pair" },
      typed(page, "Runs", "runs", world.usual_runs, `1 to ${world.most_runs.toLocaleString("en-GB")}`),
      typed(page, "Seed", "seed", world.seed, "which random futures")),
    make("button", { class: "first", type: "submit" }, "Run"),
    make("button", { type: "button", onclick: () => letAllVary(page) }, "Let every number vary again"));
  page.controls.append(form);
}

function armChoice(page) {
  const { world, wanted } = page;
  page.swatches = new Map();
  const box = ({ name, title: words }, at) => {
    const swatch = make("span", { class: "swatch" });
    page.swatches.set(name, swatch);
    const tick = make("input", { type: "checkbox", name: "arm", value: name, checked: at === 0 || wanted.arms.includes(name), disabled: at === 0, onchange: () => {
      wanted.arms = tick.checked ? [...wanted.arms, name] : wanted.arms.filter((arm) => arm !== name);
      run(page);
    } });
    return make("label", { class: "tick", title: words || null }, tick, swatch, make("span", {}, name.replaceAll("_", " ")));
  };
  return make("fieldset", { class: "arms" }, make("legend", {}, "Arms"), ...world.arms.map(box));
}

function typed(page, name, key, usual, help) {
  const field = make("input", { type: "text", inputmode: "numeric", value: page.wanted[key], placeholder: String(usual), autocomplete: "off", "data-typed": key });
  field.addEventListener("change", () => { page.wanted[key] = field.value.trim(); run(page); });
  (page.typed ||= []).push([key, field]);
  return labelled(name, field, help);
}

/** One number: its name, a typed field with the unit, and a slider with a notch at the scenario's own value. */
function slider(page, number) {
  const id = `n-${number.path.replace(/[^A-Za-z0-9_-]/g, "-")}`;
  const text = (value) => (number.is_month ? monthText(value) : String(Number(value)));
  const field = make("input", { type: "text", class: "value", id: `${id}-typed`, inputmode: number.is_month ? "text" : "decimal", "aria-label": `${number.words}${number.unit ? `, ${number.unit}` : ""}`, "aria-describedby": `${id}-how`, autocomplete: "off" });
  const range = make("input", { type: "range", id, min: number.low, max: number.high, step: number.step, "aria-label": `${number.words}, slider`, "aria-describedby": `${id}-how` });
  const how = make("span", { class: "how", id: `${id}-how` });
  const back = make("button", { type: "button", class: "back", "aria-label": `Let it vary again: ${number.words}` }, "let it vary");
  const notch = make("span", { class: "notch", "aria-hidden": "true" });
  notch.style.setProperty("--at", (number.value - number.low) / (number.high - number.low));
  const fill = () => range.style.setProperty("--at", (Number(range.value) - number.low) / (number.high - number.low));
  const say = () => {
    const value = page.wanted.fixed.get(number.path);
    const held = value !== undefined;
    element.classList.toggle("held", held);
    field.value = held ? value : text(number.value);
    const place = held ? (number.is_month ? monthNumber(value) : Number(value)) : number.value;
    range.value = Number.isFinite(place) ? place : number.value;
    range.setAttribute("aria-valuetext", `${field.value} ${number.unit}`.trim() + (held ? "" : ", varies"));
    how.textContent = held ? "held in every run" : "varies";
    back.hidden = !held;
    fill();
  };
  const hold = (value) => { page.wanted.fixed.set(number.path, value); say(); };
  range.addEventListener("input", () => { hold(text(range.value)); soon(page); });
  field.addEventListener("change", () => { take(); run(page); });
  const take = () => {
    const value = field.value.trim();
    if (value === (page.wanted.fixed.get(number.path) ?? text(number.value))) return;
    if (value) page.wanted.fixed.set(number.path, value);
    else page.wanted.fixed.delete(number.path);
    say();
  };
  back.addEventListener("click", () => { page.wanted.fixed.delete(number.path); say(); range.focus(); run(page); });
  const element = make("div", { class: number.unit.length > ROOMY ? "number wide" : "number", title: number.path },
    make("label", { for: id, class: "words" }, number.words),
    make("span", { class: "reading" }, field, make("span", { class: "unit" }, number.unit)),
    make("div", { class: "track" }, range, notch),
    make("div", { class: "ends" }, make("span", {}, text(number.low)), make("span", { class: "middle" }, how, back), make("span", {}, text(number.high))));
  say();
  return { element, say, take, field };
}

const monthText = (value) => `${String(Math.floor(value / 12)).padStart(4, "0")}-${String((Math.round(value) % 12) + 1).padStart(2, "0")}`;
const monthNumber = (text) => { const found = /^(\d{4})-(\d{2})$/.exec(text); return found ? Number(found[1]) * 12 + Number(found[2]) - 1 : NaN; };

function letAllVary(page) {
  page.wanted.fixed.clear();
  for (const row of page.rows.values()) row.say();
  run(page);
}

/** What was typed and not left counts as well. */
function takeTyped(page) {
  for (const row of page.rows.values()) row.take();
  for (const [key, field] of page.typed) page.wanted[key] = field.value.trim();
}

/** A single move is answered at once; one of a row of moves when the hand rests. */
function soon(page) {
  clearTimeout(timer);
  move?.abort();
  const rested = performance.now() - moved > 3 * WAIT;
  moved = performance.now();
  if (rested) run(page, { replace: true });
  else timer = setTimeout(() => run(page, { replace: true }), WAIT);
}

async function run(page, options = {}) {
  clearTimeout(timer);
  move?.abort();
  const mine = new AbortController();
  move = mine;
  const { world, wanted } = page;
  const fixed = [...wanted.fixed].map(([path, value]) => `${path}=${value}`);
  const asked = { scenario: world.name, arms: wanted.arms.join(",") || "baseline", set: fixed, runs: wanted.runs, seed: wanted.seed };
  page.go(asked, options);
  const many = wanted.arms.length + 1;
  page.summary.textContent = `${many} ${many === 1 ? "arm" : "arms"}, ${fixed.length ? `${fixed.length} held` : "nothing held"}`;
  const ink = colours(world.arms.map(({ name }) => name), wanted.arms);
  for (const [name, swatch] of page.swatches) swatch.style.background = ink[name] ? `var(--${ink[name]})` : "var(--line)";
  page.wrong.replaceChildren();
  for (const { field } of page.rows.values()) field.removeAttribute("aria-invalid");
  page.status.textContent = page.drawn ? "Working it out. What you see is the answer before this move." : "Working out the first answer.";
  page.answer.setAttribute("aria-busy", "true");
  outdate(page);
  const began = performance.now();
  try {
    await follow("/api/explore/answer", asked, mine.signal, (piece) => {
      if (mine.signal.aborted) return;
      if (piece.stage === "answer") sayAnswer(page, piece, began);
      else page.drawn = drawFigures(page, piece, ink, page.drawn);
    });
    page.answer.removeAttribute("aria-busy");
  } catch (fault) {
    if (fault.name === "AbortError" || mine.signal.aborted) return;
    page.answer.removeAttribute("aria-busy");
    page.status.textContent = page.drawn ? "Nothing was run. What you see is the answer before this move." : "";
    if (!page.drawn) page.heading.textContent = page.world.question || "Nothing was run";
    page.wrong.replaceChildren(...fault.message.split("\n").map(problem));
    for (const [path, row] of page.rows) {
      const words = world.numbers.find((number) => number.path === path).words;
      if (wanted.fixed.has(path) && fault.message.includes(`${words}: found`)) row.field.setAttribute("aria-invalid", "true");
    }
  }
}

function sayAnswer(page, piece, began) {
  const [finding, rest] = headed(piece.answer);
  page.heading.textContent = finding;
  page.below.textContent = [rest, piece.leaning].filter(Boolean).join(" ");
  page.told.replaceChildren(...Object.values(piece.arms).map((words) => make("p", {}, words)));
  page.heading.dataset.runs = piece.runs;
  page.heading.dataset.value = piece.number.value;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const more = ` All ${page.wanted.runs || page.world.usual_runs} are on their way, and with them the figures below the courses.`;
  page.status.textContent = `${piece.runs} runs of each arm, the same random futures, ${seconds} s.${piece.last ? "" : more}`;
}
