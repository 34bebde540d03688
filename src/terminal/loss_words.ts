/** The losses that a line has room for, of one step or as means of some. */
interface ShownLosses {
  readonly D?: number | undefined;
  readonly G?: number | undefined;
  readonly L1?: number | undefined;
}

/** "D 0.655  G 0.789  L1 47.76"; a dash for one that was not computed. */
export function lossWords({ D, G, L1 }: ShownLosses): string {
  const word = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? "–";
  return `D ${word(D, 3)}  G ${word(G, 3)}  L1 ${word(L1, 2)}`;
}
