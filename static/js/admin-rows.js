// Move up / Move down in the lists of a draft. Without this script the numbers do the same.
(() => {
  "use strict";
  const rowsOf = (group) => [...group.querySelectorAll("tr.form-row:not(.empty-form)")];
  const numberOf = (row) => row.querySelector("input.row-position");
  // A row's errors that concern the whole of it stand in a row of their own, above.
  const withErrors = (row) => {
    const above = row.previousElementSibling;
    return above && above.matches(".row-form-errors") ? [above, row] : [row];
  };

  const renumber = (group) => rowsOf(group).forEach((row, place) => { numberOf(row).value = place + 1; });

  const label = (group) => {
    const rows = rowsOf(group);
    rows.forEach((row, place) => {
      const [up, down] = row.querySelectorAll(".row-moves button");
      if (!up) return;
      const list = group.querySelector(".inline-heading").textContent.trim();
      up.setAttribute("aria-label", `Move up: ${list}, row ${place + 1}`);
      down.setAttribute("aria-label", `Move down: ${list}, row ${place + 1}`);
      up.setAttribute("aria-disabled", place === 0);
      down.setAttribute("aria-disabled", place === rows.length - 1);
    });
  };

  const move = (row, step, button) => {
    const group = row.closest(".inline-group");
    const rows = rowsOf(group);
    const other = rows[rows.indexOf(row) + step];
    if (!other) return;
    if (step < 0) withErrors(other)[0].before(...withErrors(row));
    else other.after(...withErrors(row));
    renumber(group);
    label(group);
    button.focus();
  };

  const addButtons = (row) => {
    const number = numberOf(row);
    if (!number || row.querySelector(".row-moves")) return;
    const buttons = document.createElement("span");
    buttons.className = "row-moves";
    for (const [sign, step, title] of [["↑", -1, "Move up"], ["↓", 1, "Move down"]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.title = title;
      button.addEventListener("click", () => move(row, step, button));
      buttons.append(button);
    }
    number.after(buttons);
  };

  // A form that comes back with errors has its rows in the order in which they were sent.
  const sort = (group) => {
    const rows = rowsOf(group);
    const sorted = rows.toSorted((a, b) => (numberOf(a).value || Infinity) - (numberOf(b).value || Infinity) || 0);
    const end = group.querySelector("tr.empty-form");
    if (end && sorted.some((row, place) => row !== rows[place])) {
      sorted.map(withErrors).forEach((unit) => end.before(...unit));
    }
  };

  const prepare = (group) => {
    rowsOf(group).forEach(addButtons);
    label(group);
  };
  const added = (row) => {
    const group = row.closest(".inline-group");
    if (!numberOf(row)) return;
    numberOf(row).value = 1 + Math.max(0, ...rowsOf(group).map((one) => Number(numberOf(one).value)));
    prepare(group);
  };
  const groups = () => [...document.querySelectorAll(".inline-group")].filter((group) => group.querySelector("input.row-position"));

  document.addEventListener("DOMContentLoaded", () => groups().forEach((group) => { sort(group); prepare(group); }));
  document.addEventListener("formset:added", (event) => added(event.target));
  document.addEventListener("formset:removed", () => groups().forEach(label));
})();
