// Draws the SLOs that a reader chose (choices.js) of pages/error_budgets.py: a square for each month or day, and the list.

export default (component) => { byChoice(component, draw); };

function draw(place) {
  const { told, choice, part } = place;
  const found = told.slos.filter((slo) => fits(slo, choice, ["state", "tier"]) && folded(slo.find).includes(folded(choice.find)));
  const ids = found.map(({ id }) => id);
  part(".said").textContent = said(told, found.length);
  part(".rest").hidden = !found.length;
  part(".squares").innerHTML = squares(told, found.slice(0, told.drawn), choice.by);
  part(".list").innerHTML = told.table[0] + found.slice(0, told.listed).map(({ row }) => row).join("") + told.table[1];
  part(".more").textContent = found.length > told.listed ? filledIn(told.words.more, { n: found.length - told.listed }) : "";
  for (const [button, file] of [["periods", choice.by], ["status", "status"]]) {
    part(`.act.${button}`).textContent = told.words.save;
    part(`.act.${button}`).onclick = () => place.save({ file, slos: ids });
  }
  part(".title").textContent = told.words.title;
  part(".read").textContent = told.words.read;
}

function said({ words, drawn }, slos) {
  if (!slos) return words.none;
  return slos > drawn ? filledIn(words.cut, { drawn, slos }) : "";
}

function squares({ states, periods, words }, slos, by) {
  const columns = periods[by];
  const square = (slo, i) => {
    const letter = slo[by].states[i];
    if (letter === " ") return "<td></td>";
    const [state, share] = [states[index(letter)], slo[by].shares[i]];
    // Thirty columns leave no room for a percentage; a sign still says the state without its colour.
    return `<td class="s${index(letter)}" title="${plain(`${columns[i][0]}: ${share} ${state.word}`)}">${plain(by === "months" ? share : state.sign)}</td>`;
  };
  const row = (slo) => `<tr><th scope="row">${slo.name}</th>${columns.map((_, i) => square(slo, i)).join("")}</tr>`;
  return `<style>${colours(states, ".gm-squares")}</style>
    <div class="gm-scroll gm-newest" role="region" tabindex="0" aria-label="${plain(words.alt)}"><table class="gm-squares"><caption>${plain(words.alt)}</caption>
    <thead><tr><td></td>${columns.map(([, name]) => `<th scope="col">${plain(name)}</th>`).join("")}</tr></thead>
    <tbody>${slos.map(row).join("")}</tbody></table></div>`;
}
