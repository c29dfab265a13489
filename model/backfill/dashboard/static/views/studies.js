// Studies: what is stored, one of them opened, two arms held against each other run by run.
import { ask } from "../api.js";
import { choice, labelled, make, problem, tag } from "../dom.js";
import { endLabels, fan, figure, layout, textInk, whole, years } from "../charts.js";
import { headed, address, amount, beside, change, listing, monthName, words } from "../shared.js";

export const title = "Studies";
const MOST_FANS = 2, MOST_LINES = 6;
let asked = null;

export async function show(places, state, go) {
  const found = await ask("/api/studies");
  const now = Object.fromEntries(["study", "course", "arm", "with", "against", "by"].map((name) => [name, state.get(name) || ""]));
  if (!now.study) return everything(places, found);
  document.getElementById("side-name").textContent = "Another study";
  asked = new AbortController();
  const list = found.studies.filter((one) => !one.problem);
  const pick = choice([...(list.some(({ name }) => name === now.study) ? [] : [{ value: now.study, text: now.study }]), ...list.map((one) => ({ value: one.name, text: `${one.name}: ${one.title}` }))], now.study, (study) => { location.search = address({ view: "studies", study }); });
  pick.id = "open-study";
  places.controls.append(labelled("Study", pick), make("p", {}, make("a", { href: address({ view: "studies" }) }, "All that is stored")));
  let one;
  try {
    one = await ask("/api/study", { study: now.study }, asked.signal);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    beside(pick, fault.message);
    document.getElementById("side").open = true;
    places.answer.append(make("h1", {}, "This study cannot be opened"), make("p", {}, "Choose another one."));
    return;
  }
  await open(places, one, list, now, go);
}

export function leave() {
  asked?.abort();
  document.getElementById("side-name").textContent = "Change the numbers";
}

const day = (one) => make("span", { class: "day" }, one.when.slice(0, 10));

function everything({ answer, controls, figures }, found) {
  controls.parentElement.hidden = true;
  const many = found.count === 1 ? "One study is stored" : `${found.count || "No"} studies are stored`;
  answer.append(make("h1", {}, many), make("p", {}, `In ${found.folder}. `, make("code", {}, "backfill run NAME"), " and ", make("code", {}, "backfill sweep DESIGN"), " leave one each."));
  const rows = found.studies.map((one) => one.problem
    ? [one.name, make("span", { class: "problem" }, one.problem), "", "", "", day(one)]
    : [make("a", { href: address({ view: "studies", study: one.name }) }, one.name), one.title, one.kind, String(one.arms.length), one.runs.toLocaleString("en-GB"), day(one)]);
  figures.append(listing({ id: "stored", title: "Stored", head: ["Name", "Title", "Kind", "Arms", "Runs", "Written"], rows, numeric: [3, 4], empty: "Nothing is here yet.", name: "studies",
    data: { head: ["name", "title", "kind", "arms", "runs", "seed", "written"], rows: found.studies.map((one) => [one.name, one.title || one.problem, one.kind, one.arms?.length, one.runs, one.seed, one.when]) } }));
}

async function open({ answer, figures, summary }, one, list, now, go) {
  tag(one.label);
  summary.textContent = one.name;
  document.title = `${one.title} - backfill`;
  const first = one.answer.split(/(?<=[.!?])\s/)[0], [finding, doubt] = headed(first);
  const rest = [doubt, one.answer.slice(first.length).trim()].filter(Boolean).join(" ");
  answer.append(make("h1", {}, finding || one.title), rest && make("p", {}, rest), make("p", {}, `${first ? `${one.title}. ` : ""}${one.arms.length} arms, ${one.runs.toLocaleString("en-GB")} runs each, seed ${one.seed}. `, make("a", { href: address({ view: "step", study: one.name }) }, "Step through one run")));
  if (one.courses.length) await course(figures, one, now, go);
  figures.append(make("div", { id: "closing" }), make("div", { id: "compare" }), make("div", { id: "stored-figures" }));
  document.getElementById("closing").append(closing(one));
  if (one.figures.length) document.getElementById("stored-figures").append(drawings(one));
  await compare(document.getElementById("compare"), one, list, now, go);
}

/** The course of one outcome by month: fans for two arms, lines for more. */
async function course(place, one, now, go) {
  const options = one.courses.map(({ outcome, state }) => ({ value: `${outcome}.${state}`, text: `${words(outcome)}${state ? `, ${state}` : ""}` }));
  const known = options.some(({ value }) => value === now.course);
  const chosen = known ? now.course : options[0].value;
  const pick = choice(options, chosen, async (value) => { now.course = value; go(now); beside(pick, ""); drawn.redraw(await spec(value)); });
  pick.id = "course";
  const field = labelled("Course", pick);
  field.className = "filter";
  place.append(field);
  if (now.course && !known) beside(pick, `This study keeps no course of ${JSON.stringify(now.course)}; another one is shown.`);
  const box = make("div", {});
  place.append(box);
  const spec = async (value) => {
    const cut = value.lastIndexOf("."), told = await ask("/api/study/course", { study: one.name, outcome: value.slice(0, cut), state: value.slice(cut + 1) }, asked.signal);
    return { ...fans(told, one), id: "study-course" };
  };
  const drawn = figure(box, await spec(chosen));
}

function fans(told, one) {
  const arms = told.arms.slice(0, MOST_LINES), few = arms.length <= MOST_FANS, months = told.months;
  const left = told.arms.length - arms.length;
  const what = `${few ? "Lines: median; bands: 5\u201395 % of runs." : "Medians over runs; the intervals are in the table."}${left ? ` ${left} more arms are in the data.` : ""}`;
  return {
    title: `${words(told.outcome)[0].toUpperCase()}${words(told.outcome).slice(1)}${told.state ? `, ${told.state}` : ""}`, what, name: `${one.name}_${told.outcome}`, words: 2,
    head: ["arm", "month", "p5", "p25", "median", "p75", "p95"], source: `${one.title}, ${one.runs} runs, seed ${one.seed}`,
    rows: told.arms.flatMap((arm) => months.map((month, at) => [arm.arm, month, arm.p5[at], arm.p25[at], arm.p50[at], arm.p75[at], arm.p95[at]])),
    short: { words: 1, head: ["arm", "5 %", "median", "95 %"], rows: told.arms.map((arm) => [arm.arm, amount(arm.p5.at(-1)), amount(arm.p50.at(-1)), amount(arm.p95.at(-1))]) },
    draw: (ink, narrow) => {
      const height = 320, all = arms.flatMap((arm) => (few ? [arm.p5, arm.p95] : [arm.p50]).flat()).filter((value) => value !== null);
      const low = Math.min(0, ...all), span = [low, Math.max(...all, low + 1) * 1.05];
      const name = (at) => `arm-${at}`;
      const data = arms.map((arm, at) => fan(months, arm, { colour: ink[name(at)], name: words(arm.arm), width: at ? 1.6 : 2.4 })).map((parts) => (few ? parts : parts.slice(-1))).reverse().flat();
      const labels = arms.map((arm, at) => ({ value: arm.p50.at(-1), number: whole(arm.p50.at(-1)), name: words(arm.arm), colour: textInk(ink, name(at)) }));
      return { data, layout: { ...layout(ink, { narrow, right: 210, height, xaxis: years(months, narrow), yaxis: { range: span } }), annotations: endLabels(labels, span, height, narrow) } };
    },
  };
}

/** The closing table as it was stored: arms down, outcomes across for a run, row by row for a study. */
function closing(one) {
  const place = (name) => one.columns.indexOf(name);
  const exported = { head: one.columns, rows: one.rows };
  const said = (text) => (text === "" || Number.isNaN(Number(text)) ? text || "\u2013" : amount(Number(text)));
  if (one.kind === "study" || place("outcome") < 0) {
    const numeric = one.columns.map((_, at) => at).filter((at) => one.rows.some((row) => row[at] !== "" && !Number.isNaN(Number(row[at]))));
    return listing({ id: "closing-table", title: "What came out", what: `Every point, arm and date${one.rows_left ? `; ${one.rows_left} more rows are in summary.csv` : ""}.`, head: one.columns.map(words), numeric, rows: one.rows.map((row) => row.map((cell, at) => (numeric.includes(at) ? shortened(cell) : /^\d{4}-\d{2}$/.test(cell) ? make("span", { class: "day" }, cell) : cell || "\u2013"))), name: `${one.name}_summary`, data: exported });
  }
  const own = one.rows.filter((row) => ["decides", "doctrine", "family", "way"].every((name) => place(name) < 0 || !row[place(name)]));
  const keys = [...new Set(own.map((row) => `${row[place("outcome")]} ${row[place("by")]}`))];
  const rows = one.arms.map(({ name, title: arm }) => [arm ? `${name}: ${arm}` : name, ...keys.map((key) => {
    const row = own.find((row_) => row_[place("arm")] === name && `${row_[place("outcome")]} ${row_[place("by")]}` === key);
    if (!row) return "\u2013";
    const ends = row[place("low")] !== "" && row[place("high")] !== "" ? ` (${said(row[place("low")])} to ${said(row[place("high")])})` : "";
    return shortened(row[place("value")]) + ends;
  })]);
  const heads = keys.map((key) => { const [outcome, by] = key.split(" "); return by ? `${words(outcome)}, ${monthName(by)}` : words(outcome); });
  return listing({ id: "closing-table", title: "What came out", what: "Medians, with what 5\u201395 % of runs lie between.", head: ["Arm", ...heads], numeric: heads.map((_, at) => at + 1), rows, name: `${one.name}_summary`, data: exported });
}

function shortened(text) {
  if (text === "" || Number.isNaN(Number(text))) return text || "\u2013";
  const value = Number(text);
  return Math.abs(value) < 10 && !Number.isInteger(value) ? value.toFixed(2).replace("-", "\u2212") : amount(value);
}

function drawings(one) {
  const section = make("section", { "aria-labelledby": "drawn-title" }, make("h2", { id: "drawn-title" }, "Figures as stored"));
  for (const name of one.figures) {
    const source = `/api/study/figure?${new URLSearchParams({ study: one.name, figure: name })}`;
    section.append(make("figure", { class: "drawn" }, make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `Figure: ${words(name)}` }, make("img", { src: source, alt: words(name), loading: "lazy" })), make("div", { class: "export" }, make("a", { href: source, download: `${one.name}_${name}.svg`, "aria-label": `SVG: ${words(name)}` }, "SVG"))));
  }
  return section;
}

async function compare(place, one, list, now, go) {
  const other = list.find(({ name }) => name === (now.with || one.name)) || one;
  const arms = (study, chosen) => [...(chosen && !study.arms.some(({ name }) => name === chosen) ? [{ value: chosen, text: chosen }] : []), ...study.arms.map(({ name, title: said }) => ({ value: name, text: said ? `${name}: ${said}` : name }))];
  const again = (changed) => { Object.assign(now, changed); go(now); compare(place, one, list, now, go); };
  const partner = now.against || (other.name === one.name ? one.arms[1]?.name : other.arms[0].name) || one.arms[0].name;
  const mine = now.arm || one.arms[0].name;
  const studies = [...(now.with && !list.some(({ name }) => name === now.with) ? [{ value: now.with, text: now.with }] : []), ...list.map(({ name, title: said }) => ({ value: name, text: name === one.name ? "this study" : `${name}: ${said}` }))];
  const fields = { arm: choice(arms(one, mine), mine, (arm) => again({ arm })), with: choice(studies, now.with || one.name, (name) => again({ with: name === one.name ? "" : name, against: "" })), against: choice(arms(other, partner), partner, (against) => again({ against })) };
  for (const [name, field] of Object.entries(fields)) field.id = `compare-${name}`;
  const form = make("div", { class: "form-row" }, labelled("Hold this arm", fields.arm), labelled("against this arm", fields.against), labelled("of", fields.with));
  const result = make("div", {});
  place.replaceChildren(make("section", { "aria-labelledby": "compare-title" }, make("h2", { id: "compare-title" }, "Two arms side by side"), make("p", { class: "what" }, "In the same random futures, run by run."), form, result));
  result.append(make("p", { class: "status", role: "status" }, "Holding them against each other."));
  let told;
  try {
    told = await ask("/api/compare", { study: one.name, arm: mine, against: partner, with: now.with, by: now.by }, asked.signal);
  } catch (fault) {
    if (fault.name === "AbortError") return;
    result.replaceChildren();
    const field = /not an arm of/.test(fault.message) ? (fault.message.includes(`'${mine}'`) ? fields.arm : fields.against) : fields.with;
    beside(field, fault.message);
    return;
  }
  const month = choice(told.months.map((value) => ({ value, text: monthName(value) })), told.by, (by) => again({ by }));
  month.id = "compare-by";
  form.append(labelled("by the end of", month));
  const noise = (row) => (row.is_nothing ? "the same in every run" : row.could_be_noise ? "could be noise" : "not noise");
  const interval = (row) => (row.low === null ? "one run: none" : `${change(row.low)} to ${change(row.high)}`);
  result.replaceChildren(make("p", { class: "finding", id: "compare-said", role: "status" }, told.sentence), listing({
    id: "differences", title: "Differences", what: `Means over ${told.runs.toLocaleString("en-GB")} runs; the interval is that of the mean difference, 90 %, paired.`,
    head: ["Outcome", words(told.first.arm), words(told.second.arm), "Difference", "90 %, paired", "Noise?"], numeric: [1, 2, 3, 4],
    rows: told.rows.map((row) => [words(row.outcome), amount(row.first), amount(row.second), change(row.mean), interval(row), noise(row)]), name: `${one.name}_compared`, empty: "The two keep no outcome in common.",
    data: { head: ["outcome", "first", "second", "difference", "low", "high", "higher", "equal"], rows: told.rows.map((row) => [row.outcome, row.first, row.second, row.mean, row.low, row.high, row.higher, row.equal]) },
  }));
}
