// What the theme leaves out for readers who listen, or who move with the keyboard.
(() => {
  // Its title and its search stand outside of all landmarks.
  const nameTheSidebar = () => {
    const sidebar = document.getElementById("pst-primary-sidebar");
    sidebar?.setAttribute("role", "region");
    sidebar?.setAttribute("aria-label", "Sidebar");
  };

  // What opens the chapters below an entry of the sidebar is an arrow without a name.
  const nameTheArrows = () => {
    for (const arrow of document.querySelectorAll("li.has-children > details > summary")) {
      const entry = arrow.closest("li").querySelector("a").textContent.trim();
      arrow.setAttribute("aria-label", `Pages of ${entry}`);
    }
  };

  // MathJax makes every formula a stop of the Tab key, hundreds on a page. Only those that
  // scroll in their boxes should be, so that the arrow keys can scroll them.
  const stopAtFormulas = () => {
    const boxes = [...document.querySelectorAll("div.math, span.math, mjx-container")];
    const scrolls = boxes.map((box) => box.clientWidth && box.scrollWidth > box.clientWidth);
    boxes.forEach((box, i) => {
      if (scrolls[i]) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    });
  };

  const start = async () => {
    nameTheSidebar();
    nameTheArrows();
    await window.MathJax?.startup?.promise; // until then, formulas have no width
    stopAtFormulas();
    addEventListener("resize", stopAtFormulas);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
