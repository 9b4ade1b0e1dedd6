// Runs the meeting of maturity/meeting.py: one slide at a time and a clock for each item, without asking the server.
// Where the meeting stands and what its clocks say is kept in the tab, so that a reload loses nothing.

const TAKEN = 10; // an item shown for fewer seconds was passed by, and says nothing about how long such an item takes
const running = new WeakMap();

export default function ({ data, parentElement }) {
  const version = JSON.stringify(data);
  const before = running.get(parentElement);
  if (before?.version === version) return before.stop;
  before?.stop();
  const stop = start(parentElement.querySelector(".meeting"), data);
  running.set(parentElement, { version, stop });
  return stop;
}

function start(holder, data) {
  const kept = `guidemap-meeting-${data.month}`;
  const state = { at: "begin", paused: false, spent: {}, ...JSON.parse(sessionStorage.getItem(kept)) };
  const ends = data.items.length || data.cut.length ? [{ id: "end" }] : [];
  const meeting = { data, state, holder, slides: [{ id: "begin" }, ...data.items, ...ends], told: "", last: performance.now() };
  meeting.say = (key, values = {}) => data.words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
  meeting.keep = () => sessionStorage.setItem(kept, JSON.stringify(state));
  holder.lang = data.language;
  holder.innerHTML = frame(meeting);
  meeting.at = (selector) => holder.querySelector(selector);
  meeting.place = Math.max(0, meeting.slides.findIndex((slide) => slide.id === state.at));
  show(meeting);
  const clock = setInterval(() => tick(meeting), 500);
  const key = (event) => press(meeting, event);
  const click = (event) => act(meeting, event.target.closest("[data-do]"));
  document.addEventListener("keydown", key);
  holder.addEventListener("click", click);
  return () => {
    clearInterval(clock);
    document.removeEventListener("keydown", key);
    holder.removeEventListener("click", click);
  };
}

const plain = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
const short = (number) => String(Math.round(number * 10) / 10);
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
// A full-width letter takes the place of two.
const width = (text) => sum([...text].map((letter) => (letter > "⺀" ? 2 : 1)));

// ------------------------------------------------------------------------------------------------------------ doing

const KEYS = {
  ArrowRight: "next", PageDown: "next", " ": "next", ArrowLeft: "back", PageUp: "back", Home: "begin", End: "end",
  o: "overview", p: "pause", Escape: "leave",
};

const DEEDS = {
  next: (meeting) => go(meeting, meeting.place + 1),
  back: (meeting) => go(meeting, meeting.place - 1),
  begin: (meeting) => go(meeting, 0),
  end: (meeting) => go(meeting, meeting.slides.length - 1),
  leave: (meeting) => location.assign(meeting.data.leave),
  overview(meeting) {
    const list = meeting.at("dialog");
    if (list.open) return list.close();
    tick(meeting);
    list.innerHTML = overview(meeting);
    list.showModal();
    list.querySelector("[aria-current]").focus();
  },
  jump(meeting, button) {
    meeting.at("dialog").close();
    go(meeting, Number(button.value));
    meeting.at("h2").focus();
  },
  pause(meeting) {
    tick(meeting);
    meeting.state.paused = !meeting.state.paused;
    tick(meeting);
    if (meeting.state.paused) tell(meeting, meeting.say("paused"));
  },
  reset(meeting) {
    Object.assign(meeting.state, { spent: {}, paused: false });
    meeting.keep();
    show(meeting);
    tell(meeting, meeting.say("was_reset"));
  },
  copy(meeting, button) {
    // The clipboard of today's browsers is closed to pages without TLS, as a dashboard inside a company may be.
    const text = document.createElement("textarea");
    text.value = button.value;
    button.after(text);
    text.select();
    document.execCommand("copy");
    text.remove();
    button.focus();
    button.textContent = meeting.say("copied");
    tell(meeting, meeting.say("copied"));
  },
};

function act(meeting, button) {
  if (button) DEEDS[button.dataset.do](meeting, button);
}

function press(meeting, event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const list = meeting.at("dialog");
  if (list.open && key !== "o") {
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (!step) return; // Escape closes the list by itself
    const buttons = [...list.querySelectorAll("button")];
    buttons[buttons.indexOf(event.composedPath()[0]) + step]?.focus();
  } else {
    const onButton = event.composedPath()[0].closest?.("button");
    if (!KEYS[key] || (key === " " && onButton)) return;
    if (!event.repeat) DEEDS[KEYS[key]](meeting);
  }
  event.preventDefault();
}

function go(meeting, place) {
  if (place < 0 || place >= meeting.slides.length || place === meeting.place) return;
  tick(meeting);
  meeting.place = place;
  show(meeting);
  // Whoever goes on by a button stays on it and hears the title; everybody else is led to it.
  const stays = meeting.holder.getRootNode().activeElement?.closest("nav");
  if (!stays) meeting.at("h2").focus();
  tell(meeting, [position(meeting), stays ? meeting.at("h2").textContent : ""].join(" "));
}

function tell(meeting, words) {
  meeting.at("[role=status]").textContent = words;
}

// ------------------------------------------------------------------------------------------------------------ clocks

const seconds = (meeting, item) => (meeting.state.spent[item.id] ?? 0) / 1000;
const total = (meeting) => sum(meeting.data.items.map((item) => seconds(meeting, item)));

// Time counts for the item on the screen, under the overview as well; the first and the last slide have no clock.
function tick(meeting) {
  const { state } = meeting;
  const item = meeting.slides[meeting.place];
  const now = performance.now();
  if (item.minutes && !state.paused) state.spent[item.id] = (state.spent[item.id] ?? 0) + now - meeting.last;
  meeting.last = now;
  state.at = item.id;
  meeting.keep();
  face(meeting, ".item.clock", item.minutes && seconds(meeting, item), item.minutes);
  face(meeting, ".total.clock", total(meeting), meeting.data.planned);
  meeting.at("[data-do=pause] span").textContent = meeting.say(state.paused ? "resume" : "pause");
  meeting.holder.classList.toggle("paused", state.paused);
  const over = item.minutes && seconds(meeting, item) > item.minutes * 60;
  if (over && meeting.told !== item.id) {
    meeting.told = item.id;
    tell(meeting, meeting.say("now_over", { n: short(item.minutes) }));
  }
}

function face(meeting, selector, spent, minutes) {
  const shown = meeting.at(selector);
  shown.hidden = !minutes;
  if (!minutes) return;
  const over = spent - minutes * 60;
  shown.classList.toggle("over", over > 0);
  shown.querySelector("b").textContent = clock(spent);
  shown.querySelector(".planned").textContent = `/ ${meeting.say("minutes", { n: short(minutes) })}`;
  const state = over > 0 ? meeting.say("over", { time: clock(over) }) : "";
  shown.querySelector(".state").textContent = state || (meeting.state.paused ? meeting.say("paused") : "");
}

// ------------------------------------------------------------------------------------------------------------ drawing

function frame({ say, slides }) {
  const button = (deed, key) =>
    `<button data-do="${deed}"><span>${plain(say(deed))}</span> <kbd aria-hidden="true">${key}</kbd></button>`;
  const face = (kind, name) =>
    `<p class="${kind} clock"><span class="name">${plain(say(name))} <span class="state"></span></span>
      <span><b></b> <span class="planned"></span></span></p>`;
  return `<header><div class="where"><p class="position"></p><p class="read"></p></div>
      ${face("item", "this_item")}${face("total", "total")}</header>
    <div class="line"><div></div></div>
    <div class="slide" role="region" aria-labelledby="title" tabindex="0"></div>
    <nav aria-label="${plain(say("controls"))}">${button("leave", "Esc")}${button("overview", "o")}${button("pause", "p")}
      <span class="room"></span>${slides.length > 1 ? button("back", "←") + button("next", "→") : ""}</nav>
    <dialog aria-label="${plain(say("overview"))}"></dialog>
    <p class="hidden" role="status"></p>`;
}

function position(meeting) {
  const item = meeting.slides[meeting.place];
  if (!item.minutes) return meeting.data.month_name;
  const values = { n: meeting.place, of: meeting.data.items.length, place: item.place, places: item.of };
  return meeting.say("position", { ...values, section: section(meeting, item).name });
}

const section = ({ data }, item) => data.sections.find((one) => one.key === item.section);

function show(meeting) {
  const item = meeting.slides[meeting.place];
  const slide = meeting.at(".slide");
  slide.innerHTML = (item.minutes ? whole : meeting.place ? last : first)(meeting, item);
  slide.scrollTop = 0;
  meeting.at(".position").textContent = position(meeting);
  meeting.at(".read").textContent = item.minutes ? section(meeting, item).read : "";
  meeting.at(".line div").style.width = `${(100 * meeting.place) / Math.max(1, meeting.slides.length - 1)}%`;
  meeting.at("[data-do=back]")?.setAttribute("aria-disabled", meeting.place === 0);
  meeting.at("[data-do=next]")?.setAttribute("aria-disabled", meeting.place === meeting.slides.length - 1);
  tick(meeting);
}

const heading = (text) => `<h2 id="title" tabindex="-1" class="${width(text) > 60 ? "long" : ""}">${plain(text)}</h2>`;
const days = (text) => plain(text).replace(/\d{4}-\d{2}-\d{2}/g, '<span class="day">$&</span>');
const part = (name, text) => (text ? `<div class="part"><h3>${plain(name)}</h3><p>${days(text)}</p></div>` : "");
const named = (name, text, kind) => `<div class="${kind}"><dt>${plain(name)}</dt><dd>${text}</dd></div>`;
const copy = (say, text, name) => `<button data-do="copy" value="${plain(text)}">${plain(say(name))}</button>`;

function whole({ say }, item) {
  const badges = item.why.map((why) => `<li>${plain(why)}</li>`).join("");
  const figures = item.figures.map(([name, value]) => named(name, plain(value), "figure")).join("");
  const decide = item.command && named(say("decide"), `<code>${plain(item.command)}</code> ${copy(say, item.command, "copy")}`, "");
  return `${heading(item.title)}
    <dl class="who">${item.products && named(say("products"), plain(item.products), "")}${named(say("owner"), plain(item.owner), "")}</dl>
    <ul class="why" aria-label="${plain(say("why"))}">${badges}</ul>
    ${figures && `<dl class="figures" aria-label="${plain(say("figures"))}">${figures}</dl>`}
    <div class="parts">${part(item.text_name, item.text)}${part(say("decided"), item.decided)}</div>
    <dl class="small">${decide}${named(say("source"), `<code>${plain(item.source)}</code>
      <a href="${plain(item.href)}" target="_blank" rel="noopener">${plain(say("whole"))}</a>`, "")}</dl>`;
}

function table(columns, rows) {
  const cells = (row, tag) => row.map((cell, i) => (i ? `<${tag}>${plain(cell)}</${tag}>` : `<th scope="row">${plain(cell)}</th>`));
  const line = (row, i) => `<tr${i === rows.length - 1 ? ' class="sum"' : ""}>${cells(row, "td").join("")}</tr>`;
  const head = columns.map((name) => `<th scope="col">${plain(name)}</th>`).join("");
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows.map(line).join("")}</tbody></table>`;
}

function first({ data, say, state }) {
  const { items, planned, minutes, cut } = data;
  const sizes = { items: items.length, planned: short(planned), minutes: short(minutes) };
  const said = items.length ? [say("size", sizes)] : [say(cut.length ? "nothing_fits" : "nothing", sizes)];
  if (cut.length) said.push(say("cut_note", { n: cut.length }));
  const rows = data.sections.filter((one) => one.count).map((one) => [one.name, one.count, short(one.count * one.minutes_each)]);
  rows.push([say("total"), items.length, short(planned)]);
  return `${heading(say("heading", { month: data.month_name }))}
    <div class="lead">${said.map((words) => `<p>${plain(words)}</p>`).join("")}</div>
    ${items.length ? table([say("section"), say("count"), say("planned")], rows) : ""}
    ${Object.keys(state.spent).length ? `<button data-do="reset">${plain(say("reset"))}</button>` : ""}`;
}

// The clock against the plan. What an item took on average is what `minutes_each` of the policy should say.
function last(meeting) {
  const { data, say } = meeting;
  const count = (one) => {
    const items = data.items.filter((item) => item.section === one.key);
    const taken = items.filter((item) => seconds(meeting, item) >= TAKEN);
    const spent = sum(taken.map((item) => seconds(meeting, item))) / 60;
    return { ...one, taken: taken.length, spent, each: taken.length ? Math.max(0.1, spent / taken.length) : null };
  };
  const counts = data.sections.map(count);
  const row = (one) => [
    one.name, `${one.taken} / ${one.count}`, short(one.count * one.minutes_each), short(one.spent),
    short(one.minutes_each), one.each === null ? "–" : short(one.each),
  ];
  const taken = sum(counts.map((one) => one.taken));
  const all = [say("total"), `${taken} / ${data.items.length}`, short(data.planned), short(sum(counts.map((one) => one.spent))), "", ""];
  const columns = ["section", "taken", "planned", "spent", "planned_each", "spent_each"].map((key) => say(key));
  const policy = ["minutes_each:", ...counts.map((one) => `  ${one.key}: ${short(one.each ?? one.minutes_each)}`)].join("\n");
  const left = Map.groupBy(data.cut, (item) => section(meeting, item).name);
  const titles = (items) => items.map((item) => `<p>${plain(item.title)} <small>${plain(item.products)}</small></p>`).join("");
  const cut = [...left].map(([name, items]) => `<li><small>${plain(name)}</small>${titles(items)}</li>`);
  return `${heading(say("end"))}
    <div class="ends"><div>${table(columns, [...counts.filter((one) => one.count).map(row), all])}
      <p class="note">${plain(say("measured", { seconds: TAKEN }))} ${copy(say, policy, "copy_policy")}</p></div>
    <div><h3>${plain(data.cut.length ? say("cut", { n: data.cut.length }) : say("cut_none"))}</h3><ul class="cut">${cut.join("")}</ul></div></div>`;
}

function overview(meeting) {
  const { data, say, slides, place } = meeting;
  const button = (at, name, more) =>
    `<button data-do="jump" value="${at}"${at === place ? ' aria-current="step"' : ""}>${name}${more}</button>`;
  const spent = (item) => `${clock(seconds(meeting, item))} / ${say("minutes", { n: short(item.minutes) })}`;
  const over = (item) => (seconds(meeting, item) > item.minutes * 60 ? " class='over'" : "");
  const line = (item) =>
    `<li>${button(slides.indexOf(item), `<span>${slides.indexOf(item)}. ${plain(item.title)} <small>${plain(item.products)}</small></span>`,
      ` <small${over(item)}>${plain(spent(item))}</small>`)}</li>`;
  const group = (one) => {
    const items = data.items.filter((item) => item.section === one.key);
    return items.length ? `<section><h3>${plain(one.name)}</h3><ol>${items.map(line).join("")}</ol></section>` : "";
  };
  return `<div class="bar"><h2>${plain(say("overview"))}</h2>${button(0, plain(say("begin")), "")}
      ${slides.length > 1 ? button(slides.length - 1, plain(say("end")), "") : ""}
      <button data-do="overview">${plain(say("close"))} <kbd aria-hidden="true">Esc</kbd></button></div>
    <div class="list"><div>${data.sections.map(group).join("")}</div></div>`;
}
