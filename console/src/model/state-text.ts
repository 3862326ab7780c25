/** A state of a definition as it is written there: its text, no number printed anew. */
import { isObject } from '../../../src/base/json.ts'
import { visitMachine } from '../../../src/asl/walk.ts'
import { jsonOf, placeOf } from '../../../src/source/tree.ts'
import { treeOf } from './json-text.ts'

export function stateText(definition: string, name: string): string | undefined {
  const root = treeOf(definition)
  const document = root && jsonOf(root)
  if (!root || !isObject(document)) return undefined
  const state = visitMachine(document, 'STANDARD').states.find((one) => one.name === name)
  const place = state && placeOf(root, state.path)
  return place && definition.slice(place.node.from, place.node.to)
}

/** Whether what it computes comes out differently each time. */
export const usesChance = (state: string): boolean =>
  /States\.(?:UUID|MathRandom)\b|\$(?:uuid|random|now|millis)\s*\(/.test(state)
