// Runs in a page of the book and returns its mistakes as sentences: [string, ...].
async () => {
  if (window.MathJax?.startup?.promise) await MathJax.startup.promise;
  const problems = [];

  // Text that should have become something else. Code may hold anything.
  const notProse = "code, pre, script, style, textarea, .math, mjx-container";
  const raw = [
    [/\$[^$\n]+\$|\$\$/, "raw mathematics"],
    [/\\[a-zA-Z]+|\\[()[\]]/, "raw TeX"],
    [/:::|```/, "raw directive"],
    [/\{[a-z]+(:[a-z]+)?\}$/, "raw role"],
  ];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (node.parentElement.closest(notProse)) continue;
    for (const [pattern, what] of raw) {
      const found = node.data.match(pattern);
      if (found) problems.push(`${what}: ${node.data.trim().slice(0, 80)}`);
    }
  }
  if (/[$\\]/.test(document.title)) problems.push(`raw mathematics in the title: ${document.title}`);

  // Formulas. MathJax draws what it does not understand in red.
  for (const formula of document.querySelectorAll(".math")) {
    const source = formula.textContent.trim().slice(0, 80);
    if (!formula.querySelector("mjx-container")) problems.push(`formula not typeset: ${source}`);
  }
  const errors = "[data-mml-node=merror], [data-mjx-error], [fill=red], [mathcolor=red]";
  for (const error of document.querySelectorAll(`mjx-container :is(${errors})`)) {
    const formula = error.closest("mjx-container").textContent.slice(0, 80);
    problems.push(`formula with an error: ${formula}`);
  }

  // Images.
  const isPath = /[\\/]|\.(png|svg|jpe?g|gif|webp)$/i;
  for (const image of document.images) {
    image.loading = "eager";
    await image.decode().catch(() => problems.push(`missing image: ${image.src.slice(-80)}`));
    const alt = (image.getAttribute("alt") ?? "").trim();
    if (!alt || (isPath.test(alt) && !alt.includes(" ")))
      problems.push(`image without alt text: ${image.src.slice(-80)}, alt="${alt}"`);
  }
  // A link or a label would find only the first.
  const ids = [...document.querySelectorAll("[id]:not(svg *)")].map((e) => e.id);
  for (const id of ids.filter((id, i) => ids.indexOf(id) < i)) problems.push(`there twice: #${id}`);

  // Questions: an option keeps its answer to itself until it is opened.
  const shows = (option) =>
    [...option.children].some(
      (child) =>
        child.tagName !== "SUMMARY" && child.checkVisibility() && child.innerText.trim() !== "",
    );
  for (const option of document.querySelectorAll(".question details")) {
    const name = option.querySelector("summary").innerText.trim();
    if (shows(option)) problems.push(`option "${name}" gives its answer away`);
    option.open = true;
    if (!shows(option)) problems.push(`option "${name}" has no answer`);
    option.open = false;
  }
  return [...new Set(problems)];
};
