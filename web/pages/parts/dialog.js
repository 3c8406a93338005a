// A question before something that cannot be undone, and a place for what does not fit the page.
import { html, render, useEffect, useRef, useState } from "../vendor/preact.js";

export function Dialog({ onClose, label, kind = "", children }) {
  const box = useRef(null);
  useEffect(() => {
    const before = document.activeElement,
      dialog = box.current;
    dialog.showModal();
    return () => {
      dialog.close(); // while it is open nothing below it takes the focus
      before?.focus?.();
    };
  }, []);
  const outside = (e) => e.target === box.current && onClose();
  return html`<dialog
    ref=${box}
    class=${kind}
    aria-label=${label}
    onCancel=${(e) => {
      e.preventDefault();
      onClose();
    }}
    onMouseDown=${outside}
  >
    ${children}
  </dialog>`;
}

function Question({ title, sentence, verb, keep, typed, act, close }) {
  const [text, setText] = useState("");
  const [failure, setFailure] = useState("");
  const [busy, setBusy] = useState(false);
  const ready = !typed || text.trim() === typed;
  const go = async (e) => {
    e.preventDefault();
    if (!ready || busy) return;
    setBusy(true);
    try {
      await act();
      close(true);
    } catch (refusal) {
      setFailure(refusal.sentence ?? String(refusal));
      setBusy(false);
    }
  };
  return html`<${Dialog} label=${title} onClose=${() => close(false)}>
    <form onSubmit=${go}>
      <h2>${title}</h2>
      <p>${sentence}</p>
      ${
        typed &&
        html`<label
          >To be sure, type <code>${typed}</code>:
          <input type="text" value=${text} onInput=${(e) => setText(e.target.value)} autocomplete="off"
        /></label>`
      }
      ${failure && html`<p class="refused" role="alert">${failure}</p>`}
      <div class="row">
        <button type="submit" class="danger" disabled=${!ready || busy}>${verb}</button>
        <button type="button" onClick=${() => close(false)}>${keep}</button>
      </div>
    </form>
  </${Dialog}>`;
}

/** Shows `Content`, which is given `close(done)`; resolves with what that was told. */
export function ask(Content, props = {}) {
  const place = document.body.appendChild(document.createElement("div"));
  return new Promise((resolve) => {
    const close = (done) => {
      render(null, place);
      place.remove();
      resolve(done);
    };
    render(html`<${Content} ...${props} close=${close} />`, place);
  });
}

/** Asks; `keep` is the button that leaves all as it is; `act` is called on yes and may refuse with a sentence. Resolves true once done, false when left. */
export function confirm({ title, sentence, verb, keep = "Keep it", typed, act }) {
  return ask(Question, { title, sentence, verb, keep, typed, act });
}
