// Draws the adoption map of maturity/matrix.py as it is chosen (choices.js) and arranged (arrange.js): one table, built in
// one go from names and letters.
// Twelve thousand cells have no listener and no tab stop of their own: the table listens, and the keyboard comes to one
// cell and moves on by arrows. Rows that are in sight are drawn at once, with their cells; the cells of the others follow
// while the browser is idle, or as soon as somebody needs them. Far from sight they are there, but not painted: a browser
// goes through all that is painted for each cell that is pointed at.

const A_TIME = 25; // rows that are filled between two looks at the clock
const PAUSE_MS = 200; // for what is in sight to be on the screen
const inSight = () => Math.ceil((0.75 * innerHeight) / 22); // rows: the area is 75vh high, a row at least 22 px

let arrived = false;
let shown = null;
addEventListener("beforeprint", () => shown?.rows.forEach((_, row) => filled(shown, row)));

export default function (component) {
  const { data, setTriggerValue } = component;
  const open = (cell) => {
    setTriggerValue("cell", cell);
    show(data.detail, "smooth");
  };
  byChoice(component, draw, (place) => mark(Object.assign(place, { open })));
}

// What is open stands below the map, in a part of the page that the server draws without the map.
function mark(place) {
  const below = document.querySelector(`.st-key-${place.data.detail}`);
  if (place.below !== below) {
    place.watch?.disconnect();
    place.watch = new MutationObserver(() => mark(place));
    if (below) place.watch.observe(below, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-cell"] });
    place.below = below;
  }
  const cell = below?.querySelector("[data-cell]")?.dataset.cell;
  if (place.marked && place.marked.cell === cell && place.marked.map === place.map) return;
  place.marked = { cell, map: place.map };
  const opened = place.map ? choose(place.map, cell?.split(" ")) : "";
  // Whoever follows a link to one cell wants to see that cell.
  if (!arrived && opened) show(place.data.detail, "auto");
  arrived = true;
  place.part("[role=status]").textContent = opened ? `${place.told.words.opened}: ${opened}` : "";
}

function draw(place) {
  const { told, choice, part } = place;
  const made = arranged(told, choice);
  const counts = { n: made.products.length, m: made.practices.length };
  const empty = !counts.n || !counts.m;
  part(".said").textContent = filledIn(empty ? told.words.nothing : told.words.shown, counts);
  part(".map").hidden = part(".act").hidden = empty;
  part(".act").textContent = told.words.save;
  part(".act").onclick = () => place.save({ products: made.products.map(({ id }) => id), practices: made.practices.map(({ id }) => id) });
  shown = place.map = empty ? null : tableOf(place, made, part(".map"));
}

function tableOf(place, made, holder) {
  const data = { ...place.told, ...made };
  const rows = data.rows.flatMap((group) => group.lines);
  const columns = data.columns.flatMap((group) => group.lines);
  holder.innerHTML = html(data, columns);
  const area = holder.querySelector(".area");
  const table = area.firstElementChild;
  const lines = [...table.querySelectorAll("tr.line")];
  const map = {
    place, data, rows, columns, table, area, lines,
    cell: cells(data, columns),
    grid: [],
    sides: lines.map((line) => line.firstElementChild),
    heads: [...table.tHead.querySelectorAll("th.line")],
  };
  // A cell that the keyboard reaches must not come to lie under the names that stay.
  area.style.scrollPadding = `${table.tHead.offsetHeight}px 0 0 ${table.querySelector(".corner").offsetWidth}px`;
  const far = new IntersectionObserver(
    // What is not painted cannot be focused, and Tab comes to one cell wherever it is.
    (rows) => rows.forEach(({ target, isIntersecting }) => target.classList.toggle("far", !isIntersecting && target !== map.stop?.parentElement)),
    { root: area, rootMargin: "50% 0px" }, // half a screen of rows on either side, for who scrolls
  );
  lines.forEach((line) => far.observe(line));
  listen(map);
  setTimeout(fillTheRest, PAUSE_MS, map, 0);
  return map;
}

// The cells of a row, made if they are not there yet.
function filled(map, row) {
  const line = map.lines[row];
  if (line.cells.length === 2) line.insertAdjacentHTML("beforeend", map.cell(map.rows[row]));
  return (map.grid[row] ??= [...line.cells].slice(2));
}

function fillTheRest(map, from) {
  if (from >= map.rows.length || !map.table.isConnected) return;
  const later = globalThis.requestIdleCallback ?? setTimeout;
  later(() => {
    for (let row = from; row < Math.min(from + A_TIME, map.rows.length); row++) filled(map, row);
    fillTheRest(map, from + A_TIME);
  }, { timeout: PAUSE_MS }); // a browser that is never idle would never come to it
}

const edges = (data, columns) => {
  const firsts = new Set(data.columns.map((group) => group.lines[0]));
  return columns.map((line) => (firsts.has(line) ? " first" : ""));
};

// A function that gives the cells of a line.
function cells(data, columns) {
  const edge = edges(data, columns);
  const states = data.states.map(({ sign, word }) => `aria-label="${plain(word)}">${plain(sign)}</td>`);
  return (line) => [...line.cells].map((code, i) => `<td class="s${index(code)}${edge[i]}" ${states[index(code)]}`).join("");
}

function html(data, columns) {
  const turned = data.inRows;
  const { words } = data;
  const edge = edges(data, columns);
  const cell = cells(data, columns);
  const of = (line) => `${line.adopted} / ${line.asked}`;
  let left = inSight();
  const width = columns.length + 2;
  const head = (line, i) => `<th scope="col" class="line${edge[i]}" title="${plain(line.name)}"><span>${plain(line.name)}</span></th>`;
  const sum = (line, i) => `<td class="sum${edge[i]}" title="${of(line)}">${turned ? line.adopted : of(line)}</td>`;
  const over = (group) => `<th scope="colgroup" colspan="${group.lines.length}" class="group first">${plain(group.name)}</th>`;
  const row = (line) =>
    `<tr class="line"><th scope="row" class="name">${plain(line.name)}</th><td class="total">${of(line)}</td>${left-- > 0 ? cell(line) : ""}</tr>`;
  const block = (group) =>
    (group.name ? `<tr><th scope="rowgroup" colspan="${width}" class="group"><span>${plain(group.name)}</span></th></tr>` : "") +
    group.lines.map(row).join("");
  return `<style>${colours(data.states)}</style>
    <div class="area" lang="${plain(data.language)}"><table role="grid" aria-readonly="true" aria-label="${plain(words.title)}" class="${turned ? "turned" : "beside"}">
    <thead>${data.columns.some((group) => group.name) ? `<tr><td class="corner"></td><td class="total"></td>${data.columns.map(over).join("")}</tr>` : ""}
    <tr><th scope="col" class="corner">${plain(turned ? words.product : words.practice)}</th><th scope="col" class="total">${plain(words.total)}</th>${columns.map(head).join("")}</tr>
    <tr><th scope="row" class="corner sums">${plain(turned ? words.adopters : words.total)}</th><td class="total"></td>${columns.map(sum).join("")}</tr></thead>
    ${data.rows.map((group) => `<tbody>${block(group)}</tbody>`).join("")}</table></div>`;
}

function listen(map) {
  const { table } = map;
  table.addEventListener("click", (event) => {
    const place = at(map, event.target);
    if (!place) return;
    focus(map, place, { preventScroll: true });
    open(map, place);
  });
  table.addEventListener("keydown", (event) => {
    const place = at(map, event.target);
    if (!place) return;
    const next = moved(map, place, event);
    if (next) focus(map, next, {});
    else if (event.key === "Enter" || event.key === " ") open(map, place);
    else return;
    event.preventDefault();
  });
  table.addEventListener("mouseover", (event) => aim(map, at(map, event.target)));
  table.addEventListener("mouseleave", () => aim(map, null));
  table.addEventListener("focusin", (event) => aim(map, at(map, event.target)));
}

// [row, column] of a cell, counted without headings and totals.
function at(map, element) {
  const cell = element.closest("td[aria-label]");
  if (!cell) return null;
  const row = map.sides.indexOf(cell.parentElement.firstElementChild);
  return [row, cell.cellIndex - 2];
}

function moved(map, [row, column], { key, ctrlKey }) {
  const last = [map.rows.length - 1, map.columns.length - 1];
  const steps = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    PageUp: [row - 10, column], PageDown: [row + 10, column],
    Home: [ctrlKey ? 0 : row, 0], End: [ctrlKey ? last[0] : row, last[1]],
  };
  return steps[key]?.map((place, i) => Math.min(Math.max(place, 0), last[i]));
}

function focus(map, place, options) {
  stop(map, place).focus(options);
  if (!options.preventScroll) map.area.scrollIntoView({ block: "nearest" });
}

// The one cell that Tab comes to.
function stop(map, [row, column]) {
  map.stop?.removeAttribute("tabindex");
  map.stop = filled(map, row)[column];
  map.stop.tabIndex = 0;
  map.lines[row].classList.remove("far");
  return map.stop;
}

// Names of the row and column under the pointer or the keyboard stand out, and the cell tells all three as a tooltip.
function aim(map, place) {
  map.aimed?.forEach((name) => name.classList.remove("aim"));
  map.aimed = place ? [map.sides[place[0]], map.heads[place[1]]] : [];
  map.aimed.forEach((name) => name.classList.add("aim"));
  if (!place) return;
  const cell = filled(map, place[0])[place[1]];
  cell.title ||= `${map.rows[place[0]].name}\n${map.columns[place[1]].name}\n${cell.getAttribute("aria-label")}`;
}

// Cells are told as [product, practice], whichever of the two are the rows.
const turn = (map, pair) => (map.data.inRows ? pair : [pair[1], pair[0]]);

function open(map, [row, column]) {
  map.place.open(turn(map, [map.rows[row].id, map.columns[column].id]));
}

// Marks the chosen cell, more than one where a product stands in several groups. Before anything is chosen, the
// keyboard begins in the first cell. Gives the names of what is chosen, if it is on the map.
function choose(map, chosen) {
  map.chosen?.forEach((cell) => { cell.classList.remove("chosen"); cell.removeAttribute("aria-selected"); });
  const [row, column] = chosen ? turn(map, chosen) : [];
  const places = (lines, id) => [...lines.keys()].filter((place) => lines[place].id === id);
  const [rows, columns] = [places(map.rows, row), places(map.columns, column)];
  map.chosen = rows.flatMap((r) => columns.map((c) => filled(map, r)[c]));
  map.chosen.forEach((cell) => { cell.classList.add("chosen"); cell.setAttribute("aria-selected", "true"); });
  if (!map.stop?.isConnected) stop(map, map.chosen.length ? [rows[0], columns[0]] : [0, 0]);
  return map.chosen.length ? `${map.rows[rows[0]].name}, ${map.columns[columns[0]].name}` : "";
}

// What was opened stands in an element of the page, below the map.
function show(detail, behavior) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.querySelector(`.st-key-${detail}`)?.scrollIntoView({ behavior: still ? "auto" : behavior, block: "start" });
}
