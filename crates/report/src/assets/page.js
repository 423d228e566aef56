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
    const [, , width, height] = copy.getAttribute("viewBox").split(" ").map(Number);
    const frame = { x: -8, y: -6, width: width + 16, height: height + 12 };
    const ground = document.createElementNS(svg.namespaceURI, "rect");
    for (const [name, value] of Object.entries({ ...frame, fill: "#ffffff" })) ground.setAttribute(name, value);
    copy.prepend(ground);
    copy.setAttribute("xmlns", svg.namespaceURI);
    copy.setAttribute("viewBox", Object.values(frame).join(" "));
    copy.setAttribute("width", frame.width);
    copy.setAttribute("height", frame.height);
    copy.querySelectorAll(".on-dark").forEach((image) => image.remove());
    return new XMLSerializer().serializeToString(copy)
      .replace(/var\(--([a-z0-9-]+)\)/g, (whole, name) => lightInks[name] || "currentColor");
  };
  // What scrolls sideways must be reachable by keyboard; what does not scroll must not be a stop.
  const scrollers = document.querySelectorAll(".panel.full, .table-box, pre");
  const settle = () => scrollers.forEach((box) => {
    const scrolls = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
    if (scrolls) box.setAttribute("tabindex", "0");
    else box.removeAttribute("tabindex");
  });
  settle();
  addEventListener("resize", settle);

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
