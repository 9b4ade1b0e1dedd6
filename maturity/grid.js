// Draws the grid that maturity/cells.py made, and tells which of its buttons was pressed.
export default function ({ data, parentElement, setStateValue }) {
  const holder = parentElement.querySelector(".grid");
  if (holder.made !== data.made) holder.innerHTML = holder.made = data.made;
  holder.onclick = ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    holder.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", one === button));
    setStateValue("chosen", button.dataset.place.split(",").map(Number));
  };
}
