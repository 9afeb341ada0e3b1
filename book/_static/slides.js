// Start reveal.js, make slides that are too tall smaller until they fit, and show a worked
// example as a window of a few lines. MathJax has been read before, and is at work.
(() => {
  const HEIGHT = 700; // of 720 pixels
  const LEAST = 0.6; // smaller could not be read from the back row
  const MOST = 1.7; // times a figure grows where there is room for it
  const LINES = 7;

  // On paper all slides are there at once, and unscaled.
  function fitAll() {
    if (Reveal.isPrintView()) document.querySelectorAll(".fit").forEach((body) => fit(body, 1));
    else Reveal.getCurrentSlide().querySelectorAll(".fit").forEach((body) => fit(body, Reveal.getScale()));
  }

  function fit(body, scale) {
    body.style.zoom = 1;
    body.style.setProperty("--grow", 1);
    const isTooTall = () => body.getBoundingClientRect().height > HEIGHT * scale;
    let zoom = 1;
    while (isTooTall() && zoom > LEAST) body.style.zoom = zoom = Math.max(LEAST, zoom - 0.05);
    body.dataset.zoom = zoom.toFixed(2);
    if (zoom < 1 || !body.querySelector("img")) return;
    for (let grow = MOST; grow > 1; grow -= 0.1) {
      body.style.setProperty("--grow", grow);
      if (!isTooTall()) return;
    }
    body.style.setProperty("--grow", 1);
  }

  // Pages of a print are counted before formulas and zoom give a slide its height.
  function cutPages() {
    for (const page of document.querySelectorAll(".pdf-page")) {
      const height = page.querySelector(".fit").getBoundingClientRect().height;
      page.style.height = `${720 * Math.ceil(Math.max(height, 1) / 720) - 1}px`;
    }
  }

  function forgetEarlierLines() {
    for (const table of Reveal.getCurrentSlide().querySelectorAll("table.stepper")) {
      const lines = [...table.querySelectorAll("tr.fragment.visible")];
      lines.forEach((line, i) => line.classList.toggle("earlier", i < lines.length - LINES));
    }
    fitAll();
  }

  // The speaker's window takes the notes as they are, without the style that hides what only
  // screen readers read: it would show each formula twice.
  function forgetMathMLOfNotes() {
    document.querySelectorAll("aside.notes mjx-assistive-mml").forEach((e) => e.remove());
  }

  const pagesAreLaidOut = new Promise((done) => {
    document.querySelector(".reveal").addEventListener("pdf-ready", done);
  });

  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    hash: true,
    center: false,
    slideNumber: "c/t",
    transition: "none",
    pdfSeparateFragments: false,
    plugins: [RevealNotes],
  }).then(() => {
    const typeset = window.MathJax?.startup?.promise;
    Promise.all([typeset, Reveal.isPrintView() && pagesAreLaidOut])
      .then(forgetMathMLOfNotes)
      .then(fitAll)
      .then(cutPages)
      .then(() => document.documentElement.classList.add("ready"));
    for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"])
      Reveal.on(event, forgetEarlierLines);
  });
})();
