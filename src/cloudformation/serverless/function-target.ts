/** What the events of a function call, and who may: its alias where it has one. */
import type { Json, JsonObject } from '../../base/json.ts'

import { attributeOf, ref } from './draft.ts'
import type { EventSource } from './event-source.ts'

export interface Target {
  /** For permissions and mappings. */
  readonly name: JsonObject
  readonly arn: JsonObject
}

export const targetOf = (id: string, alias: string | undefined): Target =>
  alias === undefined
    ? { name: ref(id), arn: attributeOf(id, 'Arn') }
    : { name: ref(`${id}Alias${alias}`), arn: ref(`${id}Alias${alias}`) }

/** The service may call the function. */
export function permit(
  { resource, id, path }: EventSource,
  target: Target,
  principal: string,
  more: Readonly<Record<string, Json | undefined>>,
  permission = `${id}Permission`,
): void {
  const Principal = principal.includes('.') ? principal : `${principal}.amazonaws.com`
  const properties = { Action: 'lambda:InvokeFunction', FunctionName: target.name, Principal, ...more }
  resource.make(permission, 'AWS::Lambda::Permission', properties, { path })
}
