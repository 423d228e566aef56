"use strict";
(() => {
  const lightInks = /*light inks*/{};
  const root = document.documentElement;
  const themes = ["automatic", "light", "dark"];
  const button = document.getElementById("theme");
  const show = (theme) => {
    if (theme === "automatic") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", theme);
    button.textContent = "Theme: " + theme;
  };
  // A page opened from disk may have no storage; then the choice lasts as long as the page.
  const remembered = () => { try { return localStorage.getItem("neuroloom-theme"); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem("neuroloom-theme", theme); } catch { /* not kept */ } };
  let theme = themes.includes(remembered()) ? remembered() : "automatic";
  show(theme);
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    show(theme);
    remember(theme);
  });

  const file = (svg) => {
    const copy = svg.cloneNode(true);
    const [, , width, height] = copy.getAttribute("viewBox").split(" ");
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    copy.querySelectorAll(".on-dark").forEach((image) => image.remove());
    return new XMLSerializer().serializeToString(copy)
      .replace(/var\(--([a-z0-9-]+)\)/g, (whole, name) => lightInks[name] || "currentColor");
  };
  document.querySelectorAll(".downloads").forEach((box) => { box.hidden = false; });
  document.querySelectorAll(".download").forEach((link) => link.addEventListener("click", () => {
    const stem = link.dataset.panel;
    const svg = document.querySelector("#panel-" + stem + " svg");
    const address = URL.createObjectURL(new Blob([file(svg)], { type: "image/svg+xml" }));
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = stem + ".svg";
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }));
})();
