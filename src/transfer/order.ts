/** What was found, each after what it mentions. Of a circle (two queues that name each other) somebody has to be first. */
import type { Found } from './inventory.ts'
import { mentionsIn } from './mentions.ts'

export interface Reference {
  readonly to: Found
  /** `Ref`, or the name of an attribute. */
  readonly attribute: string
}

/** By all texts by which things are known. */
export function referencesTo(found: readonly Found[]): ReadonlyMap<string, Reference> {
  return new Map(
    found.flatMap((to) =>
      Object.entries(to.known ?? {}).map(([text, attribute]): [string, Reference] => [text, { to, attribute }]),
    ),
  )
}

export function inOrder(found: readonly Found[]): readonly Found[] {
  const references = referencesTo(found)
  const order: Found[] = []
  const seen = new Set<Found>()
  const visit = (one: Found): void => {
    if (seen.has(one)) return
    seen.add(one)
    for (const { to } of mentionsIn(one.properties, (token) => references.get(token))) visit(to)
    for (const text of one.follows ?? []) {
      const reference = references.get(text)
      if (reference !== undefined) visit(reference.to)
    }
    order.push(one)
  }
  for (const one of found) visit(one)
  return order
}
