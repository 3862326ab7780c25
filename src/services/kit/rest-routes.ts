/** The paths of a REST API and the operations that they are for, as AWS's references write them, with `*` for a variable part. */

export interface RestRoute<C> {
  readonly method: string
  readonly path: RegExp
  /** Of an answer that went well. */
  readonly status: number
  /** What it gives is the body of the answer. */
  readonly run: (call: C) => unknown
}

/** `line`: `GET /2015-03-31/functions/*`. */
export function restRoute<C>(line: string, status: number, run: RestRoute<C>['run']): RestRoute<C> {
  const [method = '', path = ''] = line.split(' ')
  return { method, path: new RegExp(`^${path.replaceAll('*', '([^/]+)')}/?$`), status, run }
}

/** The operation at a path, and the path's variable parts as they came. */
export function findRestRoute<C>(
  routes: readonly RestRoute<C>[],
  method: string | undefined,
  path: string,
): { readonly route: RestRoute<C>; readonly parts: readonly string[] } | undefined {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null
    if (match) return { route, parts: match.slice(1) }
  }
  return undefined
}
