// A part of the picture is taken by dragging over it; a click stays a click.
import { useRef, useState } from "../vendor/preact.js";

const kClick = 8;

/** [drag, handlers]: `drag` = { from, to } in px of `box` while one is under way; `taken(from, to)` at its end. */
export function useDrag(box, taken) {
  const [drag, setDrag] = useState(null);
  const from = useRef(null);
  const unmeant = useRef(false);
  const at = (e) => {
    const frame = box.current.getBoundingClientRect();
    return Math.max(0, Math.min(frame.width, e.clientX - frame.left));
  };
  const part = (e) => {
    const to = at(e);
    return { from: Math.min(from.current, to), to: Math.max(from.current, to) };
  };
  const leave = () => {
    from.current = null;
    setDrag(null);
  };
  const handlers = {
    onPointerDown(e) {
      unmeant.current = false;
      from.current = e.button === 0 && e.pointerType !== "touch" ? at(e) : null;
    },
    onPointerMove(e) {
      if (from.current === null || (!drag && Math.abs(at(e) - from.current) < kClick)) return;
      e.currentTarget.setPointerCapture(e.pointerId);
      setDrag(part(e));
    },
    onPointerUp(e) {
      if (drag) {
        // What lies under the end of a drag is not clicked.
        unmeant.current = true;
        const { from: a, to: b } = part(e);
        taken(a, b);
      }
      leave();
    },
    onPointerCancel: leave,
    onClickCapture(e) {
      if (unmeant.current) e.stopPropagation();
      unmeant.current = false;
    },
  };
  return [drag, handlers];
}
