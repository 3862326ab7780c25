/**
 * The transform AWS::LanguageExtensions: loops are written out, policies of resources may be functions of parameters. Functions
 * that it adds besides (`Fn::Length`, `Fn::ToJsonString`, a default of `Fn::FindInMap`) are resolved with the others.
 * Source: CloudFormation template reference, "AWS::LanguageExtensions transform"; refusals of the service.
 */
import { getOwn, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'

import { LANGUAGE_EXTENSIONS } from './declared-transforms.ts'
import { writeLoopsOut } from './for-each.ts'
import { IntrinsicError, resolve, type Scope } from './intrinsics.ts'
import { NODES_MAX } from './long-form.ts'
import { validationError } from './refusal.ts'

export interface ExtensionOptions {
  readonly parameters: ReadonlyMap<string, Json>
  readonly pseudo: ReadonlyMap<string, string>
  readonly scope: Scope
}

const POLICIES = ['DeletionPolicy', 'UpdateReplacePolicy']

/** Throws ValidationError. */
export function extendLanguage(root: JsonObject, { parameters, pseudo, scope }: ExtensionOptions): JsonObject {
  const texts = [...parameters, ...pseudo].map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)])
  const { root: written, leftOut, twice, isTooLarge } = writeLoopsOut(root, Object.fromEntries(texts), NODES_MAX)
  if (isTooLarge) throw failure('The template is too large after its loops are written out')
  const [loop] = leftOut
  if (loop !== undefined) throw failure(`Fn::ForEach layout is incorrect: ${loop}`)
  const [name] = twice
  if (name !== undefined) throw failure(`Duplicate key '${name}' when merging keys to parent object in Fn::ForEach`)
  const resources = getOwn(written, 'Resources')
  if (!isObject(resources)) return written
  const resolved: Record<string, Json> = {}
  for (const [id, resource] of Object.entries(resources)) setOwn(resolved, id, withPolicies(id, resource, scope))
  return { ...written, Resources: resolved }
}

const failure = (reason: string) => validationError(`Transform ${LANGUAGE_EXTENSIONS} failed with: ${reason}`)

function withPolicies(id: string, resource: Json, scope: Scope): Json {
  if (!isObject(resource)) return resource
  const policies = POLICIES.filter((name) => isObject(getOwn(resource, name) ?? null))
  if (policies.length === 0) return resource
  try {
    return { ...resource, ...Object.fromEntries(policies.map((name) => [name, resolve(resource[name] ?? null, scope)])) }
  } catch (error) {
    if (error instanceof IntrinsicError) throw failure(`Unable to resolve the policy of the resource ${id}`)
    throw error
  }
}
