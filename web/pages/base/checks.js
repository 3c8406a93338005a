// Rules of fields that a browser can check by itself, in the node's own words. The node checks everything again.
import { parseSpan } from "./times.js";

const kV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
const kHost = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i;
const count = (text, part) => text.split(part).length - 1;
const isV6 = (text) => /^[0-9a-f:.%a-z]+$/i.test(text) && count(text, ":") >= 2 && count(text, "::") <= 1;

export const isAddress = (text) => kV4.test(text) || isV6(text);

export function hostRule(text, what = "The address") {
  if (!text) return `${what} is empty: a host name or an IP address is needed.`;
  if (/\s/.test(text)) return `${what} “${text}” holds a blank; a host name or an IP address has none.`;
  if (text.includes("/"))
    return `${what} “${text}” holds a “/”: neither a web address nor a network, only a host name or an IP address.`;
  if (/:\d+$/.test(text) && count(text, ":") === 1)
    return `${what} “${text}” ends with a port: each kind of test has its own, so write the address alone.`;
  if (/^[\d.]+$/.test(text) && !kV4.test(text))
    return `${what} “${text}” is not an IPv4 address: those have four numbers from 0 to 255, as 192.0.2.7.`;
  return isAddress(text) || kHost.test(text)
    ? ""
    : `${what} “${text}” is neither a host name (letters, digits, “-”, “.”) nor an IP address.`;
}

export function prefixRule(text) {
  const [address, bits, ...rest] = text.split("/");
  const most = address.includes(":") ? 128 : 32;
  if (!rest.length && isAddress(address) && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)))
    return "";
  return `“${text}” is not a network: write it as 192.0.2.0/24 or 2001:db8::/32.`;
}

/** Networks as people type them: one a line or with commas and blanks between. */
export const networksOf = (text) => text.split(/[\s,;]+/).filter(Boolean);

export function networksRule(text) {
  const networks = networksOf(text);
  if (!networks.length) return "No network is named: write at least one, as 192.0.2.0/24.";
  return networks.map(prefixRule).find(Boolean) ?? "";
}

export const passwordRule = (text) =>
  text.length < 10
    ? `The password has ${text.length} characters; at least 10 are needed. A few unrelated words are good.`
    : text.length > 200
      ? `The password has ${text.length} characters; at most 200 are taken.`
      : "";

export const mailRule = (text) =>
  !text || /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text) ? "" : `“${text}” is not an e-mail address.`;

export const nameRule = (text, what) => (text.trim() ? "" : `${what} is empty.`);

/** A length of time as it may be typed: "10 ms", "2 min". */
export const spanText = (s) => (s < 1 ? `${Number((s * 1000).toPrecision(6))} ms` : s >= 60 && s % 60 === 0 ? `${s / 60} min` : `${s} s`);

/** The rule of one option as GET /probes describes it. */
export function optionRule(option, text) {
  const allowed = (of) => `${option.name.replaceAll("_", " ")} “${text}”: allowed is ${of}.`;
  const unit = option.unit ? " " + option.unit : "";
  switch (option.kind) {
    case "integer":
      return /^-?\d+$/.test(text) && text >= option.least && text <= option.most
        ? ""
        : allowed(`a whole number from ${option.least} to ${option.most}${unit}`);
    case "number":
      return text !== "" && Number.isFinite(Number(text)) && text >= option.least && text <= option.most
        ? ""
        : allowed(`a number from ${option.least} to ${option.most}${unit}`);
    case "duration": {
      const s = parseSpan(text);
      return s !== null && s >= option.least && s <= option.most
        ? ""
        : allowed(`a time with its unit from ${spanText(option.least)} to ${spanText(option.most)}`);
    }
    case "choice":
      return option.choices.includes(text) ? "" : allowed("one of " + option.choices.join(", "));
    case "flag":
      return "";
    default:
      return text.length <= option.most ? "" : allowed(`at most ${option.most} characters`);
  }
}

/** Times of the day as people type them, in the order of the day. */
export const timesOf = (text) => text.split(/[\s,;]+/).filter(Boolean).sort();

export function timesRule(text) {
  const times = timesOf(text);
  if (!times.length) return "No time is named: write at least one, as 02:00.";
  if (times.length > 48) return `These are ${times.length} times; at most 48 are taken.`;
  const wrong = times.find((time) => !/^([01]\d|2[0-3]):[0-5]\d$/.test(time));
  if (wrong) return `“${wrong}” is not a time of the day: write two digits, a colon and two digits, as 02:00 or 14:30.`;
  const twice = times.find((time, i) => time === times[i + 1]);
  return twice ? `${twice} is there twice.` : "";
}

export const periodRule = (text) =>
  parseSpan(text) > 0 ? "" : `“${text}” is not a time with its unit: write “30 s”, “5 min”, “2 h” or “1 d”.`;
