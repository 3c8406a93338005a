// What is asked before a drive loses what is on it, and before another system runs.
import { html } from "../vendor/preact.js";
import { send } from "../base/api.js";
import { Dialog } from "./dialog.js";
import { Refused, Text, useForm } from "./fields.js";

const Buttons = ({ form, verb, close, keep }) =>
  html`<div class="row">
    <button type="submit" class="danger" disabled=${form.busy}>${verb}</button>
    <button type="button" onClick=${() => close(false)}>${keep}</button>
  </div>`;

const submitting = (form, act, close) => async (e) => {
  e.preventDefault();
  if (await form.submit(act)) close(true);
};

/** A drive is to hold data or the system; unless it is ours already, what is written on it must be typed. */
export function DriveDialog({ drive, install, close }) {
  const format = install || !drive.ours;
  const form = useForm({ typed: "" });
  const act = ({ typed }) =>
    install
      ? send("POST", "/machine/install", { drive: drive.name, typed })
      : send("POST", "/machine/data", { drive: drive.name, typed, format });
  const title = install
    ? `Install this system on ${drive.name}?`
    : format
      ? `Format ${drive.name} and keep data on it?`
      : `Keep data on ${drive.name}?`;
  const verb = install ? "Install" : format ? "Format and use" : "Use its data";
  return html`<${Dialog} label=${title} onClose=${() => close(false)}>
    <form onSubmit=${submitting(form, act, close)} novalidate>
      <h2>${title}</h2>
      ${
        format
          ? html`<p><strong>Everything on it is lost, for good.</strong> It is ${drive.title}, and what is on it: ${drive.content}.</p>`
          : html`<p>It carries data of Sonde. They are used as they are; what was measured in memory since the start is left behind if a node was set up there.</p>`
      }
      <p>
        ${
          install
            ? "The machine then starts without its medium, and can be upgraded. Measuring goes on meanwhile; it takes some minutes."
            : "The node starts anew with its data there: all sessions end, and you log in again."
        }
      </p>
      ${
        format &&
        html`<${Text}
          form=${form}
          name="typed"
          class="mono"
          autocomplete="off"
          first
          label=${drive.serial ? "Its serial number, to be sure which drive is meant" : "Its name, because it has no serial number"}
          help=${drive.serial ? "It stands on the drive, and in the list behind this." : drive.name}
        />`
      }
      <${Refused} form=${form} />
      <${Buttons} form=${form} verb=${verb} close=${close} keep="Leave it as it is" />
    </form>
  </${Dialog}>`;
}

/** What changes the system that runs needs the password of who is logged in. */
export function PasswordDialog({ title, sentence, verb, path, body = {}, close }) {
  const form = useForm({ password: "" }, { password: (v) => (v ? "" : "Give your password.") });
  const act = ({ password }) => send("POST", path, { ...body, password });
  return html`<${Dialog} label=${title} onClose=${() => close(false)}>
    <form onSubmit=${submitting(form, act, close)} novalidate>
      <h2>${title}</h2>
      <p>${sentence}</p>
      <${Text} form=${form} name="password" type="password" label="Your password" autocomplete="current-password" first />
      <${Refused} form=${form} />
      <${Buttons} form=${form} verb=${verb} close=${close} keep="Leave it as it is" />
    </form>
  </${Dialog}>`;
}
