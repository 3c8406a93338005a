// Light, dark, or what the system says; kept in this browser only.
import { makeStore, useStore } from "../base/store.js";

const chosen = makeStore(document.documentElement.dataset.theme ?? "system");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
/** Grows with every change of colours, so that canvases draw again. */
export const themeTurn = makeStore(0);

systemDark.addEventListener("change", () => themeTurn.set(themeTurn.get() + 1));

export const useTheme = () => useStore(chosen);
export const nextTheme = (theme) => ({ system: "light", light: "dark", dark: "system" })[theme];

export function setTheme(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem("sonde-theme");
    else localStorage.setItem("sonde-theme", theme);
  } catch {
    // A browser that keeps nothing: it holds until the page is left.
  }
  chosen.set(theme);
  themeTurn.set(themeTurn.get() + 1);
}
