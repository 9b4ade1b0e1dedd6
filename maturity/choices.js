// The choices of a page over what the browser has been told already: a line to search, one of several, some of several.
// Nobody waits for a server. What is chosen is part of the link, and kept while the tab is open, so that a reader who
// comes back from another page finds the page as it was left. Stands before the script of each page that draws by it.

const TYPING_MS = 300; // after the last letter, a link is written; browsers allow a hundred of them in half a minute
const bars = new WeakMap();

const plain = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const index = (letter) => letter.toLowerCase().charCodeAt(0) - 97; // a state is told as a letter
const folded = (text) => text.normalize("NFKC").toLowerCase();
const filledIn = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const drawn = new WeakMap(); // what a page was told, and the choice that it shows

// A page that is drawn by choices: `data.drawing` tells it everything, unpacked once. `draw` is called with the place
// (told, choice, part, save, data) where one or the other is new, `then` each time.
async function byChoice({ data, parentElement, setTriggerValue }, draw, then = () => {}) {
  const place = drawn.get(parentElement) ?? { saved: data.file?.number, part: (selector) => parentElement.querySelector(selector) };
  drawn.set(parentElement, Object.assign(place, { data, save: (wanted) => setTriggerValue("file", wanted) }));
  if (place.drawing !== data.drawing) {
    place.drawing = data.drawing;
    const told = await unpacked(data.drawing);
    if (place.drawing !== data.drawing) return; // another came meanwhile
    Object.assign(place, { told, choice: null });
  }
  if (!place.told) return; // still being unpacked
  const show = (choice) => {
    if (place.choice !== choice) draw(Object.assign(place, { choice }));
    then(place);
  };
  show(choices(place.part(".choices"), place.told.choices, place.data.visit, show));
  const { file } = place.data;
  if (file && file.number !== place.saved) save(file);
  place.saved = file?.number;
}

// What `packed` of maturity/drawn.py made: a tenth of the bytes for each of many readers.
function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

// Draws the choices `spec` into an element and gives what is chosen; `changed` is called with it after each choice.
// A new `visit` (another link was followed) takes the choice from the link.
function choices(element, spec, visit, changed) {
  const before = bars.get(element);
  if (before?.spec === spec && before.visit === visit) {
    before.changed = changed;
    return before.choice;
  }
  const bar = { element, spec, visit, changed };
  const values = before?.visit === visit ? before.values : fromLink(spec) ?? (before ? {} : remembered(spec));
  bars.set(element, bar);
  take(bar, values);
  element.innerHTML = htmlOf(bar, element.querySelector("details")?.open);
  element.oninput = (event) => heard(bar, event.target);
  element.onclick = (event) => event.target.closest("[data-clear]") && clear(bar);
  count(bar);
  keep(bar);
  return bar.choice;
}

// What the link says, or nothing where it says nothing of these choices.
function fromLink({ fields }) {
  const link = new URLSearchParams(location.search);
  if (!fields.some(({ key }) => link.has(key))) return null;
  return Object.fromEntries(fields.map(({ key, kind }) => [key, kind === "find" ? [link.getAll(key).join(" ")] : link.getAll(key)]));
}

const placeOf = ({ page }) => `guidemap-choices-${page}`;
const remembered = (spec) => JSON.parse(sessionStorage.getItem(placeOf(spec)) ?? "{}");

// Values of each field that it offers; a default is left out.
function take(bar, values) {
  bar.values = {};
  bar.choice = {};
  for (const { key, kind, options } of bar.spec.fields) {
    let given = (values[key] ?? []).map((value) => value.slice(0, 100));
    if (kind === "find") given = given.filter((value) => value.trim());
    else given = options.map(([value]) => value).filter((value) => given.includes(value));
    if (kind === "one" || kind === "switch") given = given.slice(0, 1).filter((value) => value !== options[0][0]);
    bar.values[key] = given;
    bar.choice[key] = kind === "many" ? given : (given[0] ?? options?.[0][0] ?? "").trim();
  }
}

function heard(bar, { name, type }) {
  const inputs = [...bar.element.querySelectorAll(`[name="${name}"]`)];
  const given = inputs.filter((one) => !/checkbox|radio/.test(one.type) || one.checked).map((one) => one.value);
  take(bar, { ...bar.values, [name]: given });
  clearTimeout(bar.later);
  if (type === "search") bar.later = setTimeout(keep, TYPING_MS, bar);
  else keep(bar);
  count(bar);
  bar.changed(bar.choice);
}

// A word and what is ticked narrow a page; the others only say how it is drawn.
const narrows = ({ kind }) => kind === "find" || kind === "many";
const narrowing = ({ spec, values }) => spec.fields.filter((field) => narrows(field) && values[field.key].length);

function clear(bar) {
  take(bar, Object.fromEntries(bar.spec.fields.map((field) => [field.key, narrows(field) ? [] : bar.values[field.key]])));
  for (const input of bar.element.querySelectorAll("input")) {
    if (input.type === "checkbox") input.checked = false;
    if (input.type === "search") input.value = "";
  }
  keep(bar);
  count(bar);
  bar.element.querySelector("input")?.focus();
  bar.changed(bar.choice);
}

// How many choices are folded away, and whether there is something to clear.
function count(bar) {
  const open = narrowing(bar);
  bar.element.querySelector("[data-clear]").hidden = !open.length;
  const inFold = open.filter((field) => field.folded).length;
  const number = bar.element.querySelector("summary b");
  if (number) number.textContent = inFold ? ` (${inFold})` : "";
}

function keep(bar) {
  sessionStorage.setItem(placeOf(bar.spec), JSON.stringify(bar.values));
  if (!bar.element.isConnected) return; // the link is that of another page by now
  const link = new URLSearchParams(location.search);
  for (const [key, values] of Object.entries(bar.values)) {
    link.delete(key);
    values.forEach((value) => link.append(key, value));
  }
  const wanted = `${location.pathname}${link.size ? `?${link}` : ""}`;
  if (wanted !== location.pathname + location.search) history.replaceState(history.state, "", wanted);
}

function htmlOf(bar, open) {
  const { fields, words } = bar.spec;
  const away = fields.filter((field) => field.folded);
  const fold = away.length
    ? `<details class="fold" ${open ? "open" : ""}><summary>${plain(words.filters)}<b></b></summary><div class="fields">${away.map((field) => htmlOfField(bar, field)).join("")}</div></details>`
    : "";
  return `<div class="fields">${fields.filter((field) => !field.folded).map((field) => htmlOfField(bar, field)).join("")}</div>${fold}
    <button type="button" class="clear" data-clear>✕ ${plain(words.clear)}</button>`;
}

function htmlOfField(bar, { key, kind, label, hint, options }) {
  const [name, said, chosen] = [plain(key), plain(label), bar.choice[key]];
  if (kind === "find")
    return `<label class="field"><span>${said}</span><input type="search" name="${name}" value="${plain(chosen)}" placeholder="${plain(hint)}" maxlength="100" autocomplete="off"></label>`;
  if (kind === "one") {
    const offered = options.map(([value, word]) => `<option value="${plain(value)}" ${value === chosen ? "selected" : ""}>${plain(word)}</option>`);
    return `<label class="field"><span>${said}</span><select name="${name}">${offered.join("")}</select></label>`;
  }
  const [type, on] = kind === "many" ? ["checkbox", (value) => chosen.includes(value)] : ["radio", (value) => value === chosen];
  const offered = options.map(([value, word]) => `<label class="chip"><input type="${type}" name="${name}" value="${plain(value)}" ${on(value) ? "checked" : ""}><span>${plain(word)}</span></label>`);
  return `<fieldset class="field chips"><legend>${said}</legend><div>${offered.join("")}</div></fieldset>`;
}

// Whether a line has one of the values that are chosen of each of these fields; none chosen, or none offered, means all.
const fits = (line, choice, keys) =>
  keys.every((key) => !choice[key]?.length || line[key].some((value) => choice[key].includes(value)));

// The rule that paints a state below an element. One without a sign is an empty place: it takes the colour of the
// paper, in the dark theme as well.
const colours = (states, below = "") =>
  states.map(({ sign, paper, ink }, i) => (sign.trim() ? `${below} .s${i}{background:${paper};color:${ink}}` : "")).join("");

// Gives the reader a file that the server answered with.
function save({ name, text }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  setTimeout(URL.revokeObjectURL, 60_000, link.href);
}
