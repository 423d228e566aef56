// Opens a report as a reader does: node browser/report.mjs CHROMIUM REPORT.html SCREENSHOT_FOLDER
// Light, dark, narrow, printed; no complaint in the console, no request, nothing cut off, nothing undrawn.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { withPage } from "./devtools.mjs";

const VIEWS = [
  { name: "light", width: 1280, height: 900, scheme: "light", media: "" },
  { name: "dark", width: 1280, height: 900, scheme: "dark", media: "" },
  { name: "narrow", width: 400, height: 800, scheme: "light", media: "" },
  { name: "narrow-dark", width: 400, height: 800, scheme: "dark", media: "" },
  { name: "print", width: 800, height: 1100, scheme: "light", media: "print" },
];

// Below this a picture has no figure in it: a blank page has one colour, text alone a few dozen.
const FEWEST_COLOURS = 8;

// Chromium draws no taller picture.
const TALLEST = 16_000;

const [chromium, report, folder] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node browser/report.mjs CHROMIUM REPORT.html SCREENSHOT_FOLDER");
  process.exit(2);
}
const url = pathToFileURL(resolve(report)).href;
mkdirSync(folder, { recursive: true });

const deadline = setTimeout(() => {
  console.error("error: the browser did not answer within two minutes");
  process.exit(1);
}, 120_000);
const problems = await withPage(chromium, check).catch((error) => [error.message]);
clearTimeout(deadline);
problems.forEach((problem) => console.error(`error: ${problem}`));
console.log(problems.length ? `${report}: ${problems.length} problems` : `${report}: ${VIEWS.length} views are fine`);
process.exit(problems.length ? 1 : 0);

async function check(page) {
  const problems = [];
  await page.open(url);
  problems.push(...(await contentProblems(page)));
  const backgrounds = new Map();
  for (const view of VIEWS) {
    problems.push(...(await viewProblems(page, view)));
    backgrounds.set(view.name, await page.evaluate("getComputedStyle(document.body).backgroundColor"));
  }
  if (backgrounds.get("light") === backgrounds.get("dark")) problems.push("dark looks like light");
  problems.push(...(await keyboardProblems(page)));
  problems.push(...page.complaints.map((text) => `console: ${text}`));
  const fetched = page.requests.filter((address) => address.split("#")[0] !== url && !/^(data|blob|about):/.test(address));
  problems.push(...fetched.map((address) => `the page asked for ${address}`));
  return problems;
}

async function contentProblems(page) {
  const found = await page.evaluate(`({
    title: document.title.trim(),
    headings: document.querySelectorAll("h1, h2").length,
    figures: document.querySelectorAll("figure svg, svg[role=img]").length,
    unnamed: [...document.querySelectorAll("figure svg, svg[role=img]")].filter((svg) =>
      !svg.parentElement.closest("svg") && !svg.getAttribute("aria-label") && !svg.getAttribute("aria-labelledby") && !svg.querySelector("title") &&
      svg.getAttribute("aria-hidden") !== "true").length,
    undrawn: [...document.querySelectorAll("svg *")].filter((element) =>
      [...element.attributes].some(({ name, value }) =>
        !/^(aria-|data-|id$|class$|href$)/.test(name) && /NaN|Infinity|undefined|(^|[\\s,(-])inf\\b/.test(value))).length,
    pictures: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).length,
    twins: [...document.querySelectorAll("[id]")].map((element) => element.id)
      .filter((id, place, all) => all.indexOf(id) !== place),
  })`);
  const problems = [];
  if (!found.title) problems.push("the page has no title");
  if (found.headings < 2) problems.push(`${found.headings} headings`);
  if (found.figures === 0) problems.push("no figure");
  if (found.unnamed) problems.push(`${found.unnamed} figures without a name for a screen reader`);
  if (found.undrawn) problems.push(`${found.undrawn} SVG elements with NaN or infinity in an attribute`);
  if (found.pictures) problems.push(`${found.pictures} broken pictures`);
  if (found.twins.length) problems.push(`ids used twice: ${found.twins.slice(0, 5).join(", ")}`);
  return problems;
}

async function viewProblems(page, { name, width, height, scheme, media }) {
  await page.send("Emulation.setEmulatedMedia", { media, features: [{ name: "prefers-color-scheme", value: scheme }] });
  const size = { width, height, deviceScaleFactor: 1, mobile: false };
  await page.send("Emulation.setDeviceMetricsOverride", size);
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
  const tall = await page.evaluate("document.documentElement.scrollHeight");
  const clip = { x: 0, y: 0, width, height: Math.min(tall, TALLEST), scale: 1 };
  const { data } = await page.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true, clip });
  writeFileSync(join(folder, `${name}.png`), Buffer.from(data, "base64"));
  const problems = [];
  const wide = await page.evaluate("document.documentElement.scrollWidth");
  if (wide > width) problems.push(`${name}: the page is ${wide} px wide in a window of ${width} px`);
  const colours = await page.evaluate(`(${countColours})("data:image/png;base64,${data}")`);
  if (colours < FEWEST_COLOURS) problems.push(`${name}: ${colours} colours, the page looks blank`);
  return problems;
}

// Runs in the page.
async function countColours(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  return new Set(new Uint32Array(data.buffer)).size;
}

async function keyboardProblems(page) {
  await page.send("Emulation.setEmulatedMedia", { media: "", features: [] });
  const controls = await page.evaluate(`document.querySelectorAll("button, summary, select, input").length`);
  if (!controls) return [];
  const reached = new Set();
  for (let press = 0; press < 40; press++) {
    const key = { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 };
    await page.send("Input.dispatchKeyEvent", { type: "keyDown", ...key });
    await page.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
    reached.add(await page.evaluate("document.activeElement?.tagName"));
  }
  const usable = ["BUTTON", "SUMMARY", "SELECT", "INPUT"].some((tag) => reached.has(tag));
  return usable ? [] : ["the Tab key reaches no control"];
}
