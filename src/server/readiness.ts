/**
 * Whether requests should be sent here, for load balancers: `GET /_regente/ready`. A server can be in good health and not be
 * ready, while it starts or stops; and ready and not in good health, where one of its services is away.
 */
export type Readiness =
  | { readonly status: 'ready' }
  | { readonly status: 'not-ready' /** Sentences, at least one; they say no secrets. */; readonly reasons: readonly string[] }

/** Ready where nothing speaks against it. */
export const readinessOf = (reasons: readonly string[]): Readiness =>
  reasons.length === 0 ? { status: 'ready' } : { status: 'not-ready', reasons }
