// Which hops of a route keep their colour: what stands behind the route strip, without a browser.
import { sameHop, variants } from "../../web/pages/chart/route_rows.js";
import { assert, check, run } from "./support/check.mjs";

/** "a bc . T": a hop a word, a router a letter, "." is silent. */
const route = (picture) => ({
  route: {
    hops: picture.split(" ").map((word) => ({
      routers: [...word.replace(".", "")].map((letter) => ({ address: letter, name: "" })),
    })),
  },
});
const cells = (...pictures) => variants(pictures.map(route)).cells;

check("the same routers keep their variant, others get the next one", () =>
  assert.deepEqual(cells("a b T", "a c T", "a b T"), [
    [0, 0, 0],
    [0, 1, 0],
    [0, 0, 0],
  ]),
);
check("a balanced hop is the same as long as one router is", () =>
  assert.deepEqual(cells("a bc T", "a cd T"), [
    [0, 0, 0],
    [0, 0, 0],
  ]),
);
check("silent hops and hops behind the end have no colour of their own", () =>
  assert.deepEqual(cells("a . T", "a T"), [
    [0, -1, 0],
    [0, 0, null],
  ]),
);
check("silence on either side is no difference", () => {
  const [a, b, silent] = route("a b .").route.hops;
  assert.equal(sameHop(a, a), true);
  assert.equal(sameHop(a, b), false);
  assert.equal(sameHop(a, silent), true);
  assert.equal(sameHop(undefined, b), true);
});

await run();
