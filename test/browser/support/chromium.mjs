// Debian's Chromium, quiet towards the network; every page is watched: what it says on the console, what it asks of
// other hosts, and how far its layout moved by itself.
import { chromium } from "playwright-core";

const kFlags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: kFlags });

/** A page in a context of its own. `seen` collects { said: console lines, foreign: other hosts' addresses, failed }. */
export async function watchedPage(browser, { width = 1440, height = 900, theme = "light", storage } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    ignoreHTTPSErrors: true,
    storageState: storage,
    acceptDownloads: true,
  });
  await context.addInitScript(() => {
    window.layoutMoved = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.layoutMoved += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  const seen = { said: [], foreign: [], failed: [] };
  page.on("console", (message) => seen.said.push(`${message.type()}: ${message.text()} ${message.location().url}`));
  page.on("pageerror", (error) => seen.said.push(`error: ${error.message}`));
  page.on("request", (request) => {
    const host = new URL(request.url()).host,
      own = page.url() === "about:blank" ? host : new URL(page.url()).host;
    if (host && host !== own && !request.url().startsWith("blob:")) seen.foreign.push(request.url());
  });
  page.on(
    "response",
    (response) => response.status() >= 500 && seen.failed.push(`${response.status()} ${response.url()}`),
  );
  return { page, seen, context };
}

/** Contrast of each visible text with what is behind it, as WCAG counts it: those below the least. */
export function faintTexts(page, least = 4.5) {
  return page.evaluate((wanted) => {
    const rgb = (text) => {
      const found = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
      return text.startsWith("color(srgb")
        ? [...found.slice(0, 3).map((v) => v * 255), found[3] ?? 1]
        : [found[0], found[1], found[2], found[3] ?? 1];
    };
    const light = ([r, g, b]) => {
      const [R, G, B] = [r, g, b].map((v) =>
        v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * R + 0.7152 * G + 0.0722 * B;
    };
    const ground = (element) => {
      for (let e = element; e; e = e.parentElement) {
        const c = rgb(getComputedStyle(e).backgroundColor);
        if (c[3] > 0.5) return c;
      }
      return rgb(getComputedStyle(document.documentElement).backgroundColor);
    };
    const faint = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim(),
        element = walker.currentNode.parentElement;
      if (!text || !element.checkVisibility?.() || element.closest("noscript, svg, .unseen, [disabled], option"))
        continue;
      const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < wanted) faint.set(`${contrast.toFixed(2)} “${text.slice(0, 40)}” ${element.className}`, contrast);
    }
    return [...faint.keys()];
  }, least);
}

/** Controls that a screen reader could not name, and pictures without words. */
export function namelessControls(page) {
  return page.evaluate(() => {
    const named = (e) =>
      e.getAttribute("aria-label") ||
      e.getAttribute("title") ||
      e.textContent.trim() ||
      e.labels?.length ||
      e.closest("label") ||
      e.getAttribute("aria-labelledby");
    return [...document.querySelectorAll("button, a[href], input, select, textarea, [role=img]")]
      .filter((e) => e.checkVisibility?.() && !named(e) && !(e.tagName === "svg" && e.querySelector("title")))
      .map((e) => e.outerHTML.slice(0, 120));
  });
}
