// Draws the grid of pages/risks.py in the view that a reader chose (choices.js), and what lies beside it. A square is
// asked of the server: what all of them hold would be most of the page.

export default function (component) {
  byChoice(component, draw, mark);
  component.parentElement.querySelector(".grid").onclick = ({ target }) => {
    const button = target.closest("button");
    if (button) component.setStateValue("square", { view: button.closest("[data-view]").dataset.view, place: button.dataset.place });
  };
}

function draw({ told, choice, part }) {
  const view = told.views[choice.view];
  part(".said").textContent = view.read;
  part(".grid").innerHTML = view.grid;
  part(".grid").dataset.view = choice.view;
  part(".lists").innerHTML = view.beside + told.beside;
}

// The square that is chosen belongs to one view.
function mark({ choice, part, data: { square, inside } }) {
  const here = square?.view === choice.view;
  for (const button of part(".grid").querySelectorAll("button"))
    button.setAttribute("aria-pressed", here && button.dataset.place === square.place);
  part(".inside").innerHTML = here ? inside : "";
}
