// What things are called: by their name for people where they have one, else by what they are.

export const peerName = (peer) => peer.name || peer.address;
export const testName = (test) => test.title || test.sentence;
/** A run tells its test's title, which may be empty; `tests` are the node's. */
export const runName = (run, tests) => {
  const test = (tests ?? []).find((t) => t.id === run.test);
  return test ? testName(test) : run.title || run.probe;
};
