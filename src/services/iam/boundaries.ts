/** The policies that bound what roles and users may be permitted. Source: IAM API reference, PutRolePermissionsBoundary. */
import type { JsonObject } from '../../base/json.ts'

import { constraintError, invalidInput, noSuchEntity } from './errors.ts'
import type { Iam, Operations } from './iam.ts'
import { readText } from './input.ts'
import { policyAt } from './managed-policies.ts'

/** Undefined where none is given. Throws where it is no policy, or one that is not there. */
export function readBoundary(iam: Iam, input: JsonObject): string | undefined {
  const arn = readText(input, 'PermissionsBoundary')
  if (arn === undefined) return undefined
  if (!/^arn:aws[\w-]*:iam::(?:\d{12}|aws):policy\/./.test(arn)) throw invalidInput(`ARN ${arn} is not valid.`)
  if (!policyAt(iam, arn)) throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`)
  return arn
}

const BOUNDED = [
  ['Role', 'role'],
  ['User', 'user'],
] as const

export function boundaryOperations(iam: Iam): Operations {
  return BOUNDED.flatMap(
    ([noun, kind]): Operations => [
      [
        `Put${noun}PermissionsBoundary`,
        (input) => {
          const entity = iam.named(kind, input)
          const boundary = readBoundary(iam, input)
          if (boundary === undefined) throw constraintError('PermissionsBoundary', 'Member must not be null')
          iam.entities.change(entity, { boundary })
          return undefined
        },
      ],
      [
        `Delete${noun}PermissionsBoundary`,
        (input) => {
          iam.entities.change(iam.named(kind, input), { boundary: null })
          return undefined
        },
      ],
    ],
  )
}
