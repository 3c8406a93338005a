// Where something cannot be done by whoever looks, the reason stands in its place.
import { html } from "../vendor/preact.js";
import { session } from "../base/api.js";
import { useStore } from "../base/store.js";

/** Why peers, tests, runs and pauses cannot be changed; nothing for those who can. */
export function WhyNoChange() {
  const who = useStore(session);
  return who && !who.may_change && who.sentence ? html`<p class="quiet small">${who.sentence}</p>` : null;
}

/** The same for everything that only administrators change. */
export function WhyNoAdministration() {
  const who = useStore(session);
  return who && !who.may_administer && who.administer_sentence
    ? html`<p class="quiet">${who.administer_sentence}</p>`
    : null;
}

/** The roles that a user or a token can have, each with what it may. */
export const kRoles = [
  ["viewer", "viewer: reads"],
  ["operator", "operator: also runs and edits tests"],
  ["administrator", "administrator: everything"],
];
export const kRoleSentences = {
  viewer: "Sees measurements, tests and how the node is configured; changes nothing but the own password.",
  operator:
    "Also adds, edits, runs, stops and deletes tests and peers, a test with all its data, and sets pauses. Not users, tokens, limits, settings, the certificate or backups.",
  administrator: "May do everything, also add users and restore a backup.",
};
