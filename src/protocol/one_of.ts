/** The members that the oneof `F` of message `M` can be. */
type MemberName<M, F extends keyof M> = Extract<NonNullable<M[F]>, keyof M>;

/** A oneof as a union that `switch (part.kind)` narrows. */
export type Member<M, F extends keyof M> = {
  [K in MemberName<M, F>]: { readonly kind: K; readonly value: NonNullable<M[K]> };
}[MemberName<M, F>];

/**
 * The member of a oneof that is set: its name as `kind`, its value as `value`.
 *
 * @param message a message that was received.
 * @param oneof the oneof's name, such as "event".
 * @returns undefined where none is set, or one that this version does not know.
 */
export function memberOf<M extends object, F extends keyof M>(
  message: M,
  oneof: F,
): Member<M, F> | undefined {
  const kind = message[oneof] as MemberName<M, F> | undefined;
  if (kind === undefined) return undefined;
  // proto-loader names in `message[oneof]` a field that is set; TypeScript cannot follow the name.
  return { kind, value: message[kind] } as Member<M, F>;
}
