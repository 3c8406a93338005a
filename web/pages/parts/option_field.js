// One option of a probe as a field: its control, unit, range and help all come from GET /probes.
import { html } from "../vendor/preact.js";
import { spanText } from "../base/checks.js";
import { Choice, Select, Text } from "./fields.js";

const readable = (name) => (name[0].toUpperCase() + name.slice(1)).replaceAll("_", " ");

function allowed(option) {
  const unit = option.unit ? " " + option.unit : "";
  if (option.kind === "duration")
    return `${spanText(option.least)} to ${spanText(option.most)}`;
  if (option.kind === "integer" || option.kind === "number") return `${option.least} to ${option.most}${unit}`;
  return "";
}

export function OptionField({ form, option }) {
  const name = "options." + option.name;
  const range = allowed(option);
  const help = `${option.summary}${range ? ` Allowed: ${range}.` : ""}${option.identity ? " A change begins a new revision." : ""}`;
  if (option.kind === "choice")
    return html`<${Select}
      form=${form}
      name=${name}
      label=${readable(option.name)}
      help=${help}
      choices=${option.choices.map((c) => [c, c])}
    />`;
  if (option.kind === "flag")
    return html`<${Choice}
      checked=${form.values[name] === "yes"}
      onChange=${(on) => form.set(name, on ? "yes" : "no")}
      title=${readable(option.name)}
      say=${help}
    />`;
  return html`<${Text}
    form=${form}
    name=${name}
    label=${readable(option.name)}
    help=${help}
    unit=${option.unit || undefined}
    inputmode=${option.kind === "integer" ? "numeric" : null}
  />`;
}
