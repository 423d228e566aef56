// A browser over the DevTools pipe: Chromium and Node only, nothing to install.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const FLAGS = [
  "--headless=new",
  "--no-sandbox", // the gate runs as root in a container
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--hide-scrollbars",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-pipe",
];

export async function withPage(chromium, work) {
  const profile = mkdtempSync(join(tmpdir(), "neuroloom-browser-"));
  const child = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const gone = new Promise((_, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the browser ended early, exit code ${code}`)));
  });
  gone.catch(() => {});
  try {
    return await Promise.race([openPage(child).then(work), gone]);
  } finally {
    const ended = new Promise((resolve) => child.on("exit", resolve));
    if (child.exitCode === null && child.kill()) await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function openPage(child) {
  const connection = new Connection(child.stdio[3], child.stdio[4]);
  const { targetId } = await connection.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await connection.send("Target.attachToTarget", { targetId, flatten: true });
  connection.sessionId = sessionId;
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await connection.send(`${domain}.enable`);
  return new Page(connection);
}

// Messages are JSON, each ended by a zero byte.
class Connection {
  #writer;
  #waiting = new Map();
  #listeners = [];
  #next = 1;
  #pending = Buffer.alloc(0);
  sessionId = undefined;

  constructor(writer, reader) {
    this.#writer = writer;
    // A broken pipe means that the browser has ended, which withPage reports.
    writer.on("error", () => {});
    reader.on("data", (bytes) => this.#receive(bytes));
  }

  send(method, params = {}) {
    const id = this.#next++;
    this.#writer.write(JSON.stringify({ id, method, params, sessionId: this.sessionId }) + "\0");
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject, method }));
  }

  listen(listener) {
    this.#listeners.push(listener);
  }

  #receive(bytes) {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    for (let end = this.#pending.indexOf(0); end >= 0; end = this.#pending.indexOf(0)) {
      this.#deliver(JSON.parse(this.#pending.subarray(0, end).toString()));
      this.#pending = this.#pending.subarray(end + 1);
    }
  }

  #deliver(message) {
    const asked = this.#waiting.get(message.id);
    if (!asked) return this.#listeners.forEach((listener) => listener(message.method, message.params));
    this.#waiting.delete(message.id);
    if (message.error) asked.reject(new Error(`${asked.method}: ${message.error.message}`));
    else asked.resolve(message.result);
  }
}

class Page {
  // What the page said and asked for while it was open.
  complaints = [];
  requests = [];
  #connection;

  constructor(connection) {
    this.#connection = connection;
    connection.listen((method, params) => this.#note(method, params));
  }

  send(method, params) {
    return this.#connection.send(method, params);
  }

  async open(url) {
    const loaded = new Promise((resolve) =>
      this.#connection.listen((method) => method === "Page.loadEventFired" && resolve()),
    );
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  async evaluate(expression) {
    const options = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", options);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  #note(method, params) {
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Runtime.exceptionThrown") {
      const { exceptionDetails } = params;
      this.complaints.push(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    if (method === "Log.entryAdded" && ["error", "warning"].includes(params.entry.level)) {
      this.complaints.push(params.entry.text);
    }
    if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
      this.complaints.push(params.args.map((one) => one.value ?? one.description).join(" "));
    }
  }
}
