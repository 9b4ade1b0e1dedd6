// What is left of the adoption map after the choices of a reader, in the order wanted. Pure: told, choice -> table.
// `told` is what maturity/matrix.py gives; a product's `cells` are letters in the order of `told.practices`, a capital
// where the practice does not count for that product.

const BESIDE = 12; // products stand beside each other with readable names; more of them become the rows

const asked = (letter) => letter === letter.toLowerCase();
const adopted = (told, letter) => told.states[index(letter)].adopted;

// {products, practices}: those that are drawn, products sorted.
function selected(told, choice) {
  const lines = told.practices.map((practice, place) => ({ ...practice, place }));
  let products = told.products.filter((product) => fits(product, choice, ["tier", "team", "tag", "reached"]));
  let practices = lines.filter((practice) => fits(practice, choice, ["category", "level"]));
  for (const word of folded(choice.find).split(/\s+/).filter(Boolean)) {
    const holds = (line) => folded(line.find).includes(word);
    const [named, meant] = [told.products.some(holds), told.practices.some(holds)];
    // A word narrows what it is found in; where it names only practices, all products stay, and the reverse.
    if (named || !meant) products = products.filter(holds);
    if (meant || !named) practices = practices.filter(holds);
  }
  if (choice.state?.length) {
    // A wanted state keeps each product and each practice that has it at least once.
    const has = (product, practice) => choice.state.includes(told.states[index(product.cells[practice.place])].key);
    const kept = products.filter((product) => practices.some((practice) => has(product, practice)));
    practices = practices.filter((practice) => products.some((product) => has(product, practice)));
    products = kept;
  }
  return { products: sorted(told, products, practices, choice.order), practices };
}

function sorted(told, products, practices, by) {
  const names = new Intl.Collator(told.language, { numeric: true }); // Askable 2 before Askable 10
  const open = (product) => practices.filter(({ place }) => asked(product.cells[place]) && !adopted(told, product.cells[place])).length;
  const gaps = new Map(products.map((product) => [product, open(product)]));
  const key = {
    tier: (product) => Number(product.tier[0]),
    name: () => 0,
    most_gaps: (product) => -gaps.get(product),
    fewest_gaps: (product) => gaps.get(product),
    level: (product) => Number(product.reached[0]),
  }[by];
  return [...products].sort((a, b) => key(a) - key(b) || names.compare(folded(a.name), folded(b.name)));
}

// Products by group, groups in order of their names: [[key, products]]. A product stands under each of its tags; with
// wanted tags only those make groups. The last group, null, holds products without any.
function grouped(products, by, tags = []) {
  if (by === "none") return [[null, products]];
  const of = {
    tag: ({ tag }) => tag.filter((one) => !tags.length || tags.includes(one)),
    level: ({ reached }) => reached,
  }[by] ?? ((product) => product[by]);
  const found = new Map();
  for (const product of products)
    for (const key of of(product).length ? of(product) : [null]) found.set(key, [...(found.get(key) ?? []), product]);
  return [...found].sort(([a], [b]) => (a === null) - (b === null) || (a < b ? -1 : a > b ? 1 : 0));
}

// The table: groups of rows and of columns, {name, lines: [{id, name, adopted, asked}]}, those of rows with `cells`.
function arranged(told, choice) {
  const { products, practices } = selected(told, choice);
  const total = (line, others, letter) => {
    const letters = others.map(letter).filter(asked);
    return { id: line.id, name: line.name, adopted: letters.filter((one) => adopted(told, one)).length, asked: letters.length };
  };
  const cell = (product, practice) => product.cells[practice.place];
  const productLines = new Map(products.map((one) => [one, total(one, practices, (other) => cell(one, other))]));
  const practiceLines = new Map(practices.map((one) => [one, total(one, products, (other) => cell(other, one))]));
  const title = (key) => (choice.group === "none" ? "" : key === null ? told.words.no_tag : (told.groups[choice.group]?.[key] ?? key));
  const sides = [
    grouped(products, choice.group, choice.tag).map(([key, all]) => ({ name: title(key), all, lines: productLines })),
    [...new Set(practices.map((one) => one.group))].map((name) => ({ name, all: practices.filter((one) => one.group === name), lines: practiceLines })),
  ];
  const inRows = products.length > BESIDE;
  const [rows, columns] = inRows ? sides : sides.reverse();
  const across = columns.flatMap(({ all }) => all);
  const letters = (one) => across.map((other) => (inRows ? cell(one, other) : cell(other, one))).join("");
  return {
    products, practices, inRows,
    rows: rows.map(({ name, all, lines }) => ({ name, lines: all.map((one) => ({ ...lines.get(one), cells: letters(one) })) })),
    columns: columns.map(({ name, all, lines }) => ({ name, lines: all.map((one) => lines.get(one)) })),
  };
}
