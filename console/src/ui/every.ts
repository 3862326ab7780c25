/**
 * For `refetchInterval`. What was refused at first is not asked for again: it would be loading most of the time. Where nobody answered
 * `health.tsx` asks.
 */
export const every =
  (ms: number) =>
  ({ state }: { readonly state: { readonly data: unknown; readonly error: unknown } }): number | false =>
    state.data === undefined && state.error !== null ? false : ms
