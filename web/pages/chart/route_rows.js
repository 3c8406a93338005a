// Which hops of routes are the same ones, for colours and for what is told as changed.

const addresses = (hop) => (hop ? hop.routers.map((r) => r.address) : []);

/** Two hops are the same where one is silent or both have a router in common, as the node compares them. */
export function sameHop(a, b) {
  const left = addresses(a),
    right = addresses(b);
  return !left.length || !right.length || left.some((x) => right.includes(x));
}

/** For each hop of each route: which of the different sets of routers seen at that hop it has; 0 = the first. */
export function variants(items) {
  const rows = Math.max(0, ...items.map((i) => i.route.hops.length));
  const kinds = Array.from({ length: rows }, () => []);
  const cells = items.map((item) =>
    kinds.map((known, row) => {
      const hop = item.route.hops[row];
      if (!hop) return null;
      if (!hop.routers.length) return -1;
      const found = known.findIndex((k) => sameHop(k, hop));
      if (found >= 0) return found;
      known.push(hop);
      return known.length - 1;
    }),
  );
  return { rows, cells };
}
