"use strict";
// Shows the records that data/index.js hands over. All data come as scripts: a page from a disk may read nothing else.

const PAGE = 60;
const BONES = "bonewright ";
const $ = (id) => document.getElementById(id);
const CHOICES = ["status", "kind", "verdict", "warning"];
const RANGES = ["score", "certainty"];

let columns = {};
let shown = []; // numbers of the records that pass the filters, in order
let page = 0;
let open = -1; // place in `shown` of the one in the dialog
const details = new Map(); // piece -> its records
const waiting = new Map(); // script -> what waits for it
const models = new Map();

window.bonewright = {
  index(data) { columns = data; start(); },
  details(first, records) { details.set(first / A_PIECE, records); },
  model(id, text) { models.set(id, text); },
};

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function load(source) { // once; resolves when the script has run
  if (!waiting.has(source)) {
    waiting.set(source, new Promise((done, fail) => {
      document.head.append(element("script", { src: source, onload: done, onerror: () => fail(new Error(source)) }));
    }));
  }
  return waiting.get(source);
}

const count = () => (columns.id ?? []).length;
const values = (name, number) => (name === "warning" ? columns.warnings[number] : [columns[name][number]]);

function tally(name, numbers) {
  const found = new Map();
  for (const number of numbers) for (const value of new Set(values(name, number))) if (value) found.set(value, (found.get(value) ?? 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function start() {
  const all = [...Array(count()).keys()];
  for (const name of CHOICES) {
    $(name).append(element("option", { value: "" }, "all"));
    if (name === "warning") $(name).append(element("option", { value: "-" }, "none"));
    for (const [value, times] of tally(name, all)) $(name).append(element("option", { value }, `${value} (${times})`));
  }
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const [name, value] of asked) if ($(name)) $(name).value = value;
  page = Number(asked.get("page") ?? 0);
  $("filters").addEventListener("input", () => { page = 0; update(); });
  $("filters").addEventListener("reset", () => setTimeout(() => { page = 0; update(); }));
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("details").addEventListener("close", () => { open = -1; $("details").replaceChildren(); });
  document.addEventListener("keydown", (event) => {
    if (open < 0 || event.target.closest?.("model-viewer")) return;
    if (event.key === "ArrowRight") step(1);
    if (event.key === "ArrowLeft") step(-1);
  });
  update();
  const wanted = columns.id?.indexOf(asked.get("open") ?? "") ?? -1;
  if (wanted >= 0 && shown.includes(wanted)) show(shown.indexOf(wanted));
}

function passes(number, asked) {
  if (asked.text && !columns.name[number].toLowerCase().includes(asked.text)) return false;
  for (const name of CHOICES) {
    if (asked[name] === "-" ? values(name, number).length : asked[name] && !values(name, number).includes(asked[name])) return false;
  }
  for (const name of RANGES) {
    const value = columns[name][number];
    if (asked[`${name}-low`] !== "" && !(value !== null && value >= Number(asked[`${name}-low`]))) return false;
    if (asked[`${name}-high`] !== "" && !(value !== null && value <= Number(asked[`${name}-high`]))) return false;
  }
  return true;
}

function update() {
  const asked = { text: $("text").value.toLowerCase() };
  for (const name of CHOICES) asked[name] = $(name).value;
  for (const name of RANGES) for (const end of ["low", "high"]) asked[`${name}-${end}`] = $(`${name}-${end}`).value;
  shown = [...Array(count()).keys()].filter((number) => passes(number, asked));
  const order = $("order").value;
  if (order !== "name") {
    const column = columns[order.replace("-", "")];
    const sign = order.startsWith("-") ? -1 : 1;
    shown.sort((a, b) => sign * ((column[a] ?? Infinity * sign) - (column[b] ?? Infinity * sign)) || a - b);
  }
  page = Math.min(page, Math.max(0, Math.ceil(shown.length / PAGE) - 1));
  $("count").textContent = `${shown.length} of ${count()}`;
  remember(asked, order);
  charts();
  cards();
}

function remember(asked, order) {
  const kept = Object.entries({ ...asked, order: order === "name" ? "" : order, page: page || "" }).filter(([, value]) => value !== "");
  history.replaceState(null, "", `#${new URLSearchParams(kept)}`);
}

function cards() {
  const here = shown.slice(page * PAGE, (page + 1) * PAGE);
  $("cards").replaceChildren(...here.map((number, place) => card(number, page * PAGE + place)));
  const pages = Math.ceil(shown.length / PAGE);
  const turn = (to, text, label) => element("button", { type: "button", "aria-label": label, disabled: to < 0 || to >= pages || to === page, onclick: () => { page = to; update(); scrollTo(0, 0); } }, text);
  for (const nav of document.querySelectorAll(".pages")) {
    nav.replaceChildren(...(pages > 1 ? [turn(0, "«", "First"), turn(page - 1, "‹", "Back"), element("span", {}, `page ${page + 1} of ${pages}`), turn(page + 1, "›", "On"), turn(pages - 1, "»", "Last")] : []));
  }
}

const percent = (value) => (value === null || value === undefined ? "–" : `${Math.round(100 * value)} %`);

function card(number, place) {
  const of = (name) => columns[name][number];
  const fine = of("status") === "ok";
  const picture = of("strip")
    ? element("img", { src: `strips/${of("id")}.png`, loading: "lazy", width: 576, height: 192, alt: `${of("name")}: mesh, skeleton, test pose` })
    : element("div", { class: fine ? "none pale" : "none" }, fine ? "no picture" : of("error") || of("status"));
  const facts = fine
    ? element("span", {}, `${of("kind")}, ${of("bones")} bones, `, element("span", { class: of("verdict") }, of("verdict")), ` (${percent(of("certainty"))}), score ${of("score")?.toFixed(2) ?? "–"}`)
    : element("span", { class: of("status") }, of("status"));
  return element("button", { class: "card", type: "button", "data-id": of("id"), onclick: () => show(place) }, picture, element("div", { class: "text" }, element("b", {}, of("name")), facts));
}

function charts() {
  const good = shown.filter((number) => columns.status[number] === "ok");
  $("charts").replaceChildren(
    bars("Kinds", "kind", shown), bars("Warnings", "warning", shown), bars("Status", "status", shown), bars("Verdicts", "verdict", shown),
    histogram("Scores", good.map((number) => columns.score[number]), 0, 1, (value) => value.toFixed(1)),
    histogram("Seconds", shown.map((number) => columns.seconds[number]), 0, null, (value) => `${value.toPrecision(2)} s`),
  );
}

function bars(title, name, numbers) {
  const found = tally(name, numbers);
  const most = Math.max(1, ...found.map(([, times]) => times));
  const rows = found.flatMap(([value, times]) => [
    element("button", { type: "button", title: value, onclick: () => { $(name).value = $(name).value === value ? "" : value; page = 0; update(); } }, value),
    element("i", { style: `width:${(100 * times) / most}%` }), element("span", {}, String(times)),
  ]);
  return element("figure", {}, element("figcaption", {}, title), element("div", { class: "bars" }, ...(rows.length ? rows : [element("span", { class: "pale" }, "none")])));
}

function histogram(title, all, low, high, label) {
  const known = all.filter((value) => value !== null && value !== undefined).sort((a, b) => a - b);
  const top = high ?? (known[Math.floor(known.length * 0.99)] || 1); // the slowest few would squeeze the rest
  const bins = Array(24).fill(0);
  for (const value of known) bins[Math.min(bins.length - 1, Math.max(0, Math.floor((bins.length * (value - low)) / (top - low))))] += 1;
  const most = Math.max(1, ...bins);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 480 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${title}: ${known.length} values`);
  svg.innerHTML = bins.map((times, k) => `<rect x="${k * 20 + 1}" y="${100 - (96 * times) / most}" width="18" height="${(96 * times) / most}"><title>${times}</title></rect>`).join("");
  const ends = element("div", { class: "ends" }, element("span", {}, label(low)), element("span", {}, `most: ${most}`), element("span", {}, label(top)));
  return element("figure", {}, element("figcaption", {}, title), svg, ends);
}

function step(by) {
  if (shown[open + by] !== undefined) show(open + by);
}

async function show(place) {
  const number = shown[place];
  open = place;
  const piece = Math.floor(number / A_PIECE);
  await load(`data/details-${piece}.js`);
  if (open !== place) return;
  const record = details.get(piece)[number % A_PIECE];
  const view = element("div", { class: "view" });
  const bar = element("div", { class: "bar" }, element("h2", {}, columns.name[number]),
    element("button", { type: "button", onclick: () => step(-1), disabled: place === 0 }, "‹ before"),
    element("button", { type: "button", onclick: () => step(1), disabled: place + 1 >= shown.length }, "next ›"),
    element("button", { type: "button", onclick: () => $("details").close() }, "close"));
  $("details").replaceChildren(element("div", { class: "sheet" }, bar, view, facts(record)));
  if (!$("details").open) $("details").showModal();
  fill(view, number, record).catch((error) => nothing(view, number, `The model cannot be shown: ${error.message}`));
}

function nothing(view, number, why) {
  view.replaceChildren(element("div", { class: "none" }, element("p", {}, why), columns.strip[number] ? element("img", { src: `strips/${columns.id[number]}.png`, alt: "" }) : null));
}

async function fill(view, number, record) {
  const id = columns.id[number];
  if (!columns.model[number]) return nothing(view, number, record.note || record.error || "There is no model to show.");
  if (!HAS_VIEWER) return nothing(view, number, "The 3D viewer is not part of this installation; the file itself is linked on the right.");
  await Promise.all([load("model-viewer-umd.min.js"), load(`models/${id}.js`)]);
  if (shown[open] !== number) return;
  const bytes = Uint8Array.from(atob(models.get(id)), (letter) => letter.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: "model/gltf-binary" }));
  models.delete(id); // it is loaded again when it is opened again, so that memory stays small
  waiting.delete(`models/${id}.js`);
  const viewer = element("model-viewer", { src: address, alt: columns.name[number], "camera-controls": true, "camera-orbit": "25deg 75deg auto", "shadow-intensity": "0.6", "interaction-prompt": "none", "environment-image": "neutral", autoplay: true });
  const skeleton = element("input", { type: "checkbox", id: "skeleton", checked: true });
  const motion = element("input", { type: "checkbox", id: "motion", checked: true });
  const paint = () => paintSkeleton(viewer, skeleton.checked);
  viewer.addEventListener("load", () => { URL.revokeObjectURL(address); paint(); viewer.dataset.loaded = "yes"; });
  viewer.addEventListener("error", (event) => nothing(view, number, `The viewer cannot open it: ${event.detail?.sourceError?.message ?? event.detail?.type ?? "unknown"}`));
  skeleton.addEventListener("change", paint);
  motion.addEventListener("change", () => { if (motion.checked) viewer.play(); else { viewer.pause(); viewer.currentTime = 0; } });
  view.replaceChildren(viewer, element("div", { class: "tools" }, element("label", {}, skeleton, " skeleton"), element("label", {}, motion, " test pose")));
}

function paintSkeleton(viewer, visible) {
  for (const material of viewer.model?.materials ?? []) {
    const bone = material.name.startsWith(BONES);
    material.bonewright ??= { mode: material.getAlphaMode(), colour: [...material.pbrMetallicRoughness.baseColorFactor] };
    const { mode, colour } = material.bonewright;
    const alpha = bone ? (visible ? 1 : 0) : visible ? 0.35 * colour[3] : colour[3];
    material.setAlphaMode(bone ? (visible ? "OPAQUE" : "BLEND") : visible ? "BLEND" : mode);
    material.pbrMetallicRoughness.setBaseColorFactor([colour[0], colour[1], colour[2], alpha]);
  }
}

function facts(record) {
  const pairs = [["status", record.quarantined ? "quarantined" : record.status], ["kind", record.kind], ["verdict", record.verdict && `${record.verdict}, ${percent(record.certainty)} certain`], ["score", record.score?.toFixed(3)],
    ["coverage", record.coverage !== undefined && percent(record.coverage)], ["inside", record.inside !== undefined && percent(record.inside)], ["stretch", record.stretch?.toFixed(2)], ["vertices", record.vertices], ["meshes", record.meshes?.join(", ")],
    ["seconds", record.seconds], ["memory", record.peak_mib && `${record.peak_mib} MiB`], ["engine", record.engine && [record.engine, record.engine_reason].filter(Boolean).join(": ")], ["attempts", record.attempts],
    ...Object.entries(record.tags ?? {})].filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false);
  const list = (title, texts) => (texts?.length ? [element("h3", {}, title), element("ul", {}, ...texts.map((text) => element("li", {}, text)))] : []);
  const log = (title, text) => (text ? [element("h3", {}, title), element("pre", {}, text)] : []);
  const link = ({ name, href }) => element("a", { href }, name);
  const bones = record.bones?.map((bone) => `${bone.name}${bone.parent ? ` < ${bone.parent}` : ""} ${percent(bone.confidence)}`).join("\n");
  return element("div", { class: "text-side" },
    record.error ? element("p", { class: "failed", id: "reason" }, record.error) : null,
    element("dl", {}, ...pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, String(value))]), element("dt", {}, "input"), element("dd", {}, link(record.source), element("div", { class: "pale" }, record.input)),
      ...(record.status === "ok" ? [element("dt", {}, "result"), element("dd", {}, ...record.results.flatMap((item) => [link(item), " "]))] : [])),
    ...list("What speaks against it", record.reasons), ...list("Warnings", record.warnings?.map((warning) => warning.message)), ...list("Notes", record.notes),
    ...log("What it printed", record.said), ...log("Trace", record.trace), ...log(`Bones (${record.bones?.length ?? 0})`, bones));
}
