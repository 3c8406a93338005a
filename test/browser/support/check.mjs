// Runs named checks one after the other, tells each, and ends with the line that scripts/test counts.
import assert from "node:assert/strict";

/** Longer than any check takes: one that hangs is wrong, and those after it are still made. */
const kLimit = 20 * 60 * 1000;
const checks = [];

/** A check is a sentence and what shows that it is true; what it returns is printed beside it. */
export const check = (sentence, show) => checks.push({ sentence, show });

/** One that takes long and is run with `--long` only. */
export const checkLong = (sentence, show) => process.env.SONDE_TEST_LONG && check(sentence, show);

async function within(limit, shown) {
  let timer;
  const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error(`did not end within ${limit / 60000} min`)), limit)));
  return Promise.race([shown, late]).finally(() => clearTimeout(timer));
}

/** Runs all; `end` is called whatever happened. The process ends with 1 if a check failed. */
export async function run(end = async () => {}) {
  let passed = 0,
    failed = 0;
  for (const { sentence, show } of checks) {
    const begun = Date.now();
    try {
      const seen = await within(kLimit, show());
      ++passed;
      console.log(`ok    ${sentence}${seen === undefined ? "" : ` (${seen})`} ${Date.now() - begun} ms`);
    } catch (failure) {
      ++failed;
      console.log(`WRONG ${sentence}\n${failure.stack ?? failure}`);
    }
  }
  try {
    await end();
  } catch (failure) {
    ++failed;
    console.log(`WRONG the end\n${failure.stack ?? failure}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}

export { assert };
