/** Paths into an event, as EventBridge and Pipes write them: `$.detail.items[0]`, `$['a b']`. */
import { getOwn, isArray, isObject, type Json } from '../../base/json.ts'

const PATH = /^\$(?:\.[\w-]+|\[\d{1,9}\]|\['[^']+'\]|\["[^"]+"\])*$/
const STEP = /\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]|\["([^"]+)"\]/g

export const isEventPath = (text: string): boolean => PATH.test(text)

/** Undefined where nothing is there. `into` may open a text that has more steps behind it. */
export function atEventPath(
  event: Json,
  path: string,
  into: (text: string) => Json | undefined = () => undefined,
): Json | undefined {
  let at: Json | undefined = event
  for (const [, name, index, quoted, doubly] of path.matchAll(STEP)) {
    if (typeof at === 'string') at = into(at)
    const key = name ?? quoted ?? doubly
    if (key !== undefined) at = isObject(at) ? getOwn(at, key) : undefined
    else at = isArray(at) ? at[Number(index)] : undefined
  }
  return at
}
