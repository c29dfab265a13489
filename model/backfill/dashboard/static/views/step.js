// Step: one stored run, month by month. The server lives it through once; the slider only turns the page.
import { ask } from "../api.js";
import { choice, labelled, make, problem, tag } from "../dom.js";
import { days, endLabels, figure, layout, textInk, whole, years } from "../charts.js";
import { address, amount, beside, change, listing, monthName, words } from "../shared.js";

export const title = "Step";
const STAGES = { decision: "waits for its government", consent: "waits for a consent", refused: "a consent is refused", open: "judged and open", "": "no case" };
let asked = null;

export async function show(places, state, go) {
  const { studies } = await ask("/api/studies");
  const whole_ = studies.filter((one) => !one.problem);
  if (!whole_.length) {
    places.controls.parentElement.hidden = true;
    places.answer.append(make("h1", {}, "No run is stored yet"), make("p", {}, "Leave one with ", make("code", {}, "backfill run NAME"), " and reload this page."));
    return;
  }
  const now = Object.fromEntries(["study", "arm", "run", "point", "month", "who"].map((name) => [name, state.get(name) || ""]));
  now.study ||= whole_[0].name;
  document.getElementById("side-name").textContent = "Change the run";
  await draw(places, now, whole_, go);
}

export function leave() {
  asked?.abort();
  document.getElementById("side-name").textContent = "Change the numbers";
}

async function draw(places, now, studies, go) {
  const { answer, controls, figures, summary } = places;
  const again = (changed) => { Object.assign(now, changed); go(now); draw(places, now, studies, go); };
  asked?.abort();
  asked = new AbortController();
  const known = studies.find(({ name }) => name === now.study);
  const fields = choose(controls, now, studies, known, again);
  summary.textContent = `${now.arm || "baseline"}, run ${now.run || 0}`;
  if (!figures.childElementCount) answer.replaceChildren(make("p", { class: "status", role: "status" }, "Living through this run\u2026"));
  let told;
  try {
    told = await ask("/api/step", { study: now.study, arm: now.arm, run: now.run, point: now.point }, asked.signal);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    const field = /run '/.test(fault.message) ? fields.run : /point '/.test(fault.message) ? fields.point : /arm '/.test(fault.message) ? fields.arm : fields.study;
    beside(field, fault.message);
    document.getElementById("side").open = true;
    figures.replaceChildren();
    answer.replaceChildren(make("h1", {}, "This run cannot be shown"), make("p", {}, "The address asks for something that is not stored. Choose another run."));
    return;
  }
  tag(told.head.label);
  page(places, told, now, go);
}

function choose(place, now, studies, known, again) {
  const list = studies.map(({ name, title: said }) => ({ value: name, text: `${name}: ${said}` }));
  if (!known) list.unshift({ value: now.study, text: now.study });
  const arms = (known?.arms || []).map(({ name, title: said }) => ({ value: name, text: said ? `${name}: ${said}` : name }));
  const arm = now.arm || arms[0]?.value || "";
  if (arm && !arms.some(({ value }) => value === arm)) arms.unshift({ value: arm, text: arm });
  const typed = (name) => make("input", { type: "text", inputmode: "numeric", id: `step-${name}`, value: now[name] || "0", autocomplete: "off", maxlength: "12", onchange: (event) => again({ [name]: event.target.value.trim() }) });
  const fields = { study: choice(list, now.study, (study) => again({ study, arm: "", run: "", point: "", month: "", who: "" })), arm: choice(arms, arm, (value) => again({ arm: value })), run: typed("run"), point: typed("point") };
  fields.study.id = "step-study";
  fields.arm.id = "step-arm";
  place.replaceChildren(labelled("Stored run", fields.study), labelled("Arm", fields.arm), labelled("Which of its runs", fields.run, known ? `0 to ${known.runs - 1}` : ""));
  if (known?.kind === "study") place.append(labelled("Which point of the design", fields.point));
  return fields;
}

/** The slider, the sentence and the tables; moving the slider draws the tables anew and writes the month down. */
function page({ answer, figures }, { head, lived }, now, go) {
  const { months } = lived;
  const wanted = now.month === "" ? months[0] : now.month, found = months.indexOf(wanted);
  let at = Math.max(found, 0);
  const said = make("h1", { id: "step-said" }), line = make("p", {});
  line.append(`${head.title}. Arm ${words(head.arm)}, run ${head.run}${head.points > 1 ? `, point ${head.point}` : ""}, seed ${head.seed}. `, make("a", { href: address({ view: "studies", study: head.name }) }, "The whole study"));
  const named = make("output", { for: "step-month", class: "month-name" });
  const slider = make("input", { type: "range", id: "step-month", min: "0", max: String(months.length - 1), step: "1", value: String(at), oninput: () => turn(Number(slider.value), true) });
  const press = (text, label, by) => make("button", { type: "button", "aria-label": label, onclick: () => turn(Math.min(Math.max(at + by, 0), months.length - 1), true) }, text);
  const bar = make("div", { class: "stepper" }, make("label", { class: "name", for: "step-month" }, "Month"), named,
    make("div", { class: "stepper-row" }, press("\u2039", "One month back", -1), make("div", { class: "track" }, slider), press("\u203a", "One month on", 1)));
  const states = Object.keys(lived.states).filter((code) => lived.stock.some((row) => row.state === code) || lived.needs.some((row) => row.state === code));
  const who = choice([{ value: "", text: "everybody" }, ...states.map((code) => ({ value: code, text: lived.states[code] }))], now.who, (code) => { now.who = code; go(now); chart = pictured(); turn(at, false); });
  who.id = "step-who";
  const unknown = now.who && !states.includes(now.who) ? `There is no state ${JSON.stringify(now.who)} in this run; everybody is shown.` : "";
  if (unknown) now.who = "";
  const tables = make("div", { class: "tables" }), picture = make("div", {});
  answer.replaceChildren(said, line, ...(head.other_versions.length ? [make("p", { class: "what" }, `Stored with other versions of ${head.other_versions.join(", ")}: the last digits may differ.`)] : []));
  const filter = labelled("Show", who);
  filter.className = "filter";
  figures.replaceChildren(bar, filter, picture, tables);
  if (now.month && found < 0) beside(slider, `There is no month ${JSON.stringify(now.month)}; this run goes from ${months[0]} to ${months.at(-1)}.`, bar.lastChild);
  if (unknown) beside(who, unknown);
  const pictured = () => { picture.replaceChildren(); return held(picture, lived, now, () => at); };
  let chart = pictured();
  let written = null;
  function turn(to, write) {
    at = to;
    slider.value = String(to);
    slider.setAttribute("aria-valuetext", monthName(months[to]));
    slider.style.setProperty("--at", months.length > 1 ? to / (months.length - 1) : 0);
    named.textContent = monthName(months[to]);
    said.textContent = sentence(lived, to);
    tables.replaceChildren(...sections(lived, to, now.who, `${head.name}_${head.arm}_run${head.run}`));
    if (!write) return chart?.(at);
    beside(slider, "");
    now.month = months[to];
    clearTimeout(written);
    written = setTimeout(() => { if (slider.isConnected) { go(now, { replace: true }); chart?.(at); } }, 150);
  }
  turn(at, false);
}

/** What changes hands in a month, in a sentence. */
function sentence(lived, at) {
  const sent = lived.lots.map((row) => ({ ...row, units: row.sent[at] })).filter(({ units }) => units > 0).sort((a, b) => b.units - a.units);
  const when = monthName(lived.months[at]);
  if (!sent.length) return `Nothing is handed over in ${when}.`;
  const total = sent.reduce((sum, row) => sum + row.units, 0), first = sent[0];
  const biggest = `${lived.states[first.from]} hands ${amount(first.units)} ${lived.items[first.item]} to ${lived.states[first.to]}`;
  return sent.length === 1 ? `${biggest} in ${when}.` : `${amount(total)} units change hands in ${when}; most of them: ${biggest}.`;
}

function sections(lived, at, who, name) {
  const mine = (...codes) => !who || codes.includes(who);
  const state = (code) => lived.states[code] || (code === "OTHER" ? "others" : code), item = (code) => lived.items[code] || words(code);
  const event = (code) => lived.events[code] || words(code), month = lived.months[at];
  const list = (id, heading, what, head, numeric, rows, empty) => listing({ id, title: heading, what, head, numeric, rows, empty, name: `${name}_${month}_${id}` });
  const line = (code) => words(code.split(".").at(-1));
  return [
    list("decisions", "Asked and judged", "Standing requests, what became of them, and whether the law lets anything go this month.", ["From", "To", "Need", "Asked", "Stands", "Law"], [3],
      lived.cases.filter((row) => mine(row.from, row.to) && (row.asked[at] || row.stage[at])).map((row) => [state(row.from), state(row.to), item(row.need), amount(row.asked[at]), STAGES[row.stage[at] || ""], row.lawful[at] ? "open" : "closed"]), "Nobody asks for anything."),
    list("sent", "Put under contract and shipped", "Units of this month.", ["From", "To", "Item", "Made by", "Way", "Contracted", "Handed over", "Arrived"], [5, 6, 7],
      lived.lots.filter((row) => mine(row.from, row.to) && (row.committed[at] || row.sent[at] || row.arrived[at])).map((row) => [state(row.from), state(row.to), item(row.item), state(row.origin), words(row.channel), amount(row.committed[at]), amount(row.sent[at]), amount(row.arrived[at])]), "Nothing is contracted, handed over or received."),
    list("promises", "Promises", "Units so far.", ["Promise", "From", "To", "Due", "Promised", "Contracted", "Shipped", "Delivered", "Verdict"], [4, 5, 6, 7],
      lived.promises.filter((row) => mine(row.from, row.to) && row.promised[at]).map((row) => [event(row.promise), state(row.from), state(row.to), row.due[at], ...["promised", "contracted", "shipped", "delivered"].map((key) => amount(row[key][at])), row.verdict[at]]), "Nothing is promised yet."),
    list("stock", "Stock", "Units at the end of the month, under whose conditions, and how many are under contract to leave.", ["State", "Item", "Made by", "Units", "Under contract", "Since last month"], [3, 4, 5],
      lived.stock.filter((row) => mine(row.state) && (row.units[at] || row.units[at - 1])).map((row) => [state(row.state), item(row.item), state(row.origin), amount(row.units[at]), amount(row.committed[at]), at ? change(row.units[at] - row.units[at - 1]) : "\u2013"]), "Nobody holds anything."),
    list("needs", "What states need and can spare", "In equivalents of the need.", ["State", "Need", "Holds", "Floor", "Requirement", "Can spare", "Asks for"], [2, 3, 4, 5, 6],
      lived.needs.filter((row) => mine(row.state)).map((row) => [state(row.state), item(row.need), ...["held", "floor", "required", "spare", "asked"].map((key) => amount(row[key][at]))]), "No state has a need."),
    list("lines", "Production lines", "", ["Line", "Builds", "Built", "Could build", "Limited by"], [2, 3],
      lived.lines.map((row) => [line(row.line), item(row.item), amount(row.built[at]), amount(row.able[at]), row.bound[at]]), "There is no production line."),
    list("queue", "Queue", "Open orders by line and customer.", ["Line", "Customer", "Order", "Due now", "Open in all", "Delivered this month"], [3, 4, 5],
      lived.queue.filter((row) => mine(row.customer) && (row.due[at] || row.open[at] || row.given[at])).map((row) => [line(row.line), state(row.customer), row.order ? event(row.order) : "its plan", amount(row.due[at]), amount(row.open[at]), amount(row.given[at])]), "No order is open."),
  ];
}

/** What the chosen state, or the first one, holds against its floor, with the month marked. */
function held(place, lived, now, month) {
  const wanted = now.who || lived.roles.donor;
  const row = lived.needs.find(({ state, floor }) => state === wanted && floor.some(Boolean)) || lived.needs.find(({ state }) => state === wanted) || (now.who ? null : lived.needs[0]);
  if (!row || lived.months.length < 2) return null;
  const part = ["donor", "backfiller", "aided"].find((one) => lived.roles[one] === row.state) || "other";
  const need = lived.items[row.need] || words(row.need);
  const labels = (ink) => [
    { value: row.held.at(-1), number: whole(row.held.at(-1)), name: "held", colour: textInk(ink, part) },
    ...(row.floor.some(Boolean) ? [{ value: row.floor.at(-1), number: whole(row.floor.at(-1)), name: "floor", colour: ink.ink }] : []),
  ];
  const line = (values, colour, width, name) => ({ x: days(lived.months), y: values, type: "scatter", mode: "lines", name, line: { color: colour, width }, hovertemplate: "%{y:,.0f}" });
  const drawn = figure(place, {
    id: "held", title: `${lived.states[row.state]}: stock against floor`, what: `${need[0].toUpperCase()}${need.slice(1)}, in equivalents, at the end of each month of this run. The upright line is the month of the tables.`,
    name: `stock_${row.state}`, head: ["month", "held", "floor"], rows: lived.months.map((one, at) => [one, row.held[at], row.floor[at]]),
    draw: (ink, narrow) => {
      const most = Math.max(...row.held, ...row.floor, 1) * 1.05, height = 280, x = days(lived.months)[month()];
      const mark = { type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper", line: { color: ink.edge, width: 1 } };
      return { data: [line(row.held, ink[part], 2, "held"), line(row.floor, ink.ink, 1, "floor")], layout: { ...layout(ink, { narrow, right: 110, height, xaxis: years(lived.months, narrow), yaxis: { range: [0, most] } }), shapes: [mark], annotations: endLabels(labels(ink), [0, most], height, narrow) } };
    },
  });
  return () => drawn.redraw({});
}
