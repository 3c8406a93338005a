// The part of Markdown that our help is written in, as elements: never as HTML text, so nothing in it can act.
// Headings, paragraphs, lists, fenced code, tables, links, bold, code.
import { h } from "../vendor/preact.js";
import { link } from "../base/route.js";

const kInline = /(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/;

function target(to) {
  const chapter = /^([a-z_-]+)\.md(#.*)?$/.exec(to);
  if (chapter) return { href: link("help", chapter[1]) };
  if (to.startsWith("#/")) return { href: to };
  return /^https?:\/\//.test(to) ? { href: to, rel: "noopener noreferrer", target: "_blank" } : {};
}

function inline(text) {
  return text.split(kInline).map((part) => {
    if (part.startsWith("`") && part.length > 1) return h("code", null, part.slice(1, -1));
    if (part.startsWith("**") && part.length > 4) return h("strong", null, part.slice(2, -2));
    const found = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(part);
    return found ? h("a", target(found[2]), inline(found[1])) : part;
  });
}

const cellsOf = (line) =>
  line
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((c) => c.trim());

function table(lines) {
  const [head, , ...rows] = lines.map(cellsOf);
  const row = (tag, cells) =>
    h(
      "tr",
      null,
      cells.map((c) => h(tag, null, inline(c))),
    );
  return h(
    "div",
    { class: "table-hold" },
    h(
      "table",
      null,
      h("thead", null, row("th", head)),
      h(
        "tbody",
        null,
        rows.map((r) => row("td", r)),
      ),
    ),
  );
}

function list(lines) {
  const ordered = /^\d/.test(lines[0]);
  const items = [];
  for (const line of lines) {
    const begun = /^(?:[-*]|\d+\.)\s+(.*)$/.exec(line);
    if (begun) items.push(begun[1]);
    else items[items.length - 1] += " " + line.trim();
  }
  return h(
    ordered ? "ol" : "ul",
    null,
    items.map((i) => h("li", null, inline(i))),
  );
}

/** Lines of one block, up to an empty line; fenced code up to its end. */
function blocks(text) {
  const found = [];
  let block = [],
    fence = false;
  const close = () => {
    if (block.length) found.push(block);
    block = [];
  };
  for (const line of text.replace(/\r/g, "").split("\n")) {
    if (line.startsWith("```")) {
      if (!fence) close();
      block.push(line);
      fence = !fence;
      if (!fence) close();
    } else if (!fence && (line.trim() === "" || /^#{1,4} /.test(line))) {
      close();
      if (line.trim()) found.push([line]);
    } else block.push(line);
  }
  close();
  return found;
}

function element(lines) {
  const head = /^(#{1,4}) (.*)$/.exec(lines[0]);
  if (head) return h("h" + Math.min(3, head[1].length), null, inline(head[2]));
  if (lines[0].startsWith("```")) return h("pre", null, h("code", null, lines.slice(1, -1).join("\n")));
  if (lines[0].startsWith("|")) return table(lines);
  if (/^([-*]|\d+\.)\s/.test(lines[0])) return list(lines);
  return h("p", null, inline(lines.join(" ")));
}

export const Markdown = ({ text }) => blocks(text).map(element);
