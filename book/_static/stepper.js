// Worked examples line by line: each table.stepper gets buttons First, Back, Next and All.
// Without this script the whole table shows, as it does on paper.
(() => {
  const KEYS = {
    ArrowRight: "Next",
    ArrowDown: "Next",
    ArrowLeft: "Back",
    ArrowUp: "Back",
    Home: "First",
    End: "All",
  };

  const element = (tag, className, parent) => {
    const made = document.createElement(tag);
    made.className = className;
    parent.append(made);
    return made;
  };

  // What a screen reader says of a line: its text, and its formulas as MathML.
  const spoken = (row) =>
    [...row.cells].flatMap((cell) => {
      const formulas = cell.querySelectorAll("mjx-assistive-mml math");
      const rest = [...cell.childNodes].filter((node) => !node.matches?.(".math"));
      const text = rest.map((node) => node.textContent).join(" ");
      return [...[...formulas].map((math) => math.cloneNode(true)), ` ${text} `];
    });

  const enhance = (table) => {
    const rows = [...table.querySelectorAll("tbody tr")];
    const lines = rows.filter((row) => row.querySelector("th[scope=row]"));
    const last = lines.length;
    let line = 1;

    const stepper = document.createElement("div");
    stepper.className = "stepper-box";
    stepper.setAttribute("role", "group");
    stepper.setAttribute("aria-label", `${table.caption.textContent}, line by line`);
    table.replaceWith(stepper);
    const bar = element("div", "stepper-bar", stepper);
    stepper.append(table);

    const targets = { First: () => 1, Back: () => line - 1, Next: () => line + 1, All: () => last };
    const buttons = {};
    for (const name of Object.keys(targets)) {
      buttons[name] = element("button", "stepper-button", bar);
      buttons[name].type = "button";
      buttons[name].textContent = name;
      buttons[name].addEventListener("click", () => go(targets[name]()));
    }
    const progress = element("span", "stepper-progress", bar);
    const live = element("div", "stepper-live", stepper);
    live.setAttribute("aria-live", "polite");

    // What does not fit beside its formula goes below it, while all lines can be measured.
    for (const row of lines) {
      const boxes = [...row.querySelectorAll("td, td .math, td mjx-container")];
      const isCut = boxes.some((box) => box.clientWidth && box.scrollWidth > box.clientWidth);
      row.classList.toggle("stepper-wide", isCut);
    }

    const show = () => {
      // The heading of a part comes with its first line.
      const shown = rows.indexOf(lines[line - 1]);
      rows.forEach((row, i) => row.classList.toggle("stepper-later", i > shown));
      lines.forEach((row, i) => {
        row.classList.toggle("stepper-now", i === line - 1);
        if (i === line - 1) row.setAttribute("aria-current", "step");
        else row.removeAttribute("aria-current");
      });
      progress.textContent = `line ${line} of ${last}`;
      // Not `disabled`: a button that had the focus would lose it, and the keys with it.
      for (const name of ["First", "Back"]) buttons[name].ariaDisabled = String(line === 1);
      for (const name of ["Next", "All"]) buttons[name].ariaDisabled = String(line === last);
    };

    const go = (target) => {
      if (target < 1 || target > last) return;
      line = target;
      show();
      const row = lines[line - 1];
      const part = row.closest("tbody").querySelector("th[scope=rowgroup]").textContent;
      live.replaceChildren(`line ${line} of ${last}, ${part}: `, ...spoken(row));
      row.scrollIntoView({ block: "nearest" });
    };

    stepper.addEventListener("keydown", (event) => {
      const name = KEYS[event.key];
      if (!name || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      go(targets[name]());
    });
    show();
  };

  const start = async () => {
    await window.MathJax?.startup?.promise; // hidden formulas would be measured wrongly
    document.querySelectorAll("table.stepper").forEach(enhance);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
