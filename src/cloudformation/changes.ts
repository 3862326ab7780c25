/**
 * What a change of a stack would do: each resource that is added, changed or taken away, and whether a change makes another
 * resource in its place.
 * Source: CloudFormation API reference, "ResourceChange", "ResourceChangeDetail".
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'
import { isNumeral } from '../base/numeral.ts'
import { stableJson } from '../base/stable-json.ts'

import type { StackModel } from './stack-model.ts'
import { referencesOf } from './template/intrinsics.ts'

export interface KnownResource {
  readonly type: string
  readonly ref: string
  readonly properties: JsonObject
  readonly metadata: JsonObject
  readonly deletionPolicy: string
  attribute(name: string): Json | undefined
}

export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove'
  readonly id: string
  readonly type: string
  /** Of what is there already. */
  readonly ref?: string
  /** Of a change. */
  readonly replacement?: 'True' | 'False' | 'Conditional'
  readonly details: readonly ChangeDetail[]
}

export interface ChangeDetail {
  readonly attribute: 'Properties' | 'Metadata' | 'DeletionPolicy'
  /** Of a property. */
  readonly name?: string
  readonly recreation: 'Never' | 'Conditionally' | 'Always'
  /** `Dynamic`: known only when the change is made. */
  readonly evaluation: 'Static' | 'Dynamic'
  readonly before?: Json
  readonly after?: Json
  /** The resource or the parameter that it comes from. */
  readonly cause?: string
}

export interface ChangeOptions {
  readonly model: StackModel
  readonly known: ReadonlyMap<string, KnownResource>
  /** Properties whose change makes another resource; `*` is all. */
  replacedBy(type: string): readonly string[]
  policyOf(id: string): string
  metadataOf(id: string): JsonObject
}

/** Attributes that follow from what a resource is called: a change in its place leaves them as they are. */
const STABLE = /^(?!.*Stream)\w*(?:Arn|Name|URL|Url|Uri|Endpoint)$/
/** What is not known before the change is made stands as this in a property. */
const UNKNOWN = '{{changeSet:KNOWN_AFTER_APPLY}}'

/** In the order in which they would be made; what is taken away comes last. Throws IntrinsicError. */
export function changesOf(options: ChangeOptions): readonly ResourceChange[] {
  const { model, known } = options
  /** Those whose `Ref` and attributes are not what they were, and those of which some attributes may not be. */
  const renewed = new Set<string>()
  const changed = new Set<string>()
  const isUnknown = (id: string, attribute = 'Arn'): boolean =>
    renewed.has(id) || !known.has(id) || (changed.has(id) && !STABLE.test(attribute))
  const answers = {
    ref: (id: string) => (isUnknown(id) ? unknownOf(id, model) : known.get(id)?.ref),
    attribute: (id: string, name: string) =>
      isUnknown(id, name) ? unknownOf(id, model) : (known.get(id)?.attribute(name) ?? unknownOf(id, model)),
  }
  const changes: ResourceChange[] = []
  for (const id of model.levels().flat()) {
    const type = model.resources.get(id)?.type ?? ''
    const before = known.get(id)
    if (before === undefined) {
      changes.push({ action: 'Add', id, type, details: [] })
      renewed.add(id)
      continue
    }
    if (before.type !== type) {
      changes.push({ action: 'Modify', id, type, ref: before.ref, replacement: 'True', details: [] })
      renewed.add(id)
      continue
    }
    const details = [
      ...propertyDetails(before.properties, model.propertiesOf(id, answers), id, type, options),
      ...otherDetails(before, id, options),
    ]
    if (details.length === 0) continue
    const replacement = details.some(({ recreation }) => recreation === 'Always')
      ? 'True'
      : details.some(({ recreation }) => recreation === 'Conditionally')
        ? 'Conditional'
        : 'False'
    if (replacement !== 'False') renewed.add(id)
    else if (details.some(({ attribute }) => attribute === 'Properties')) changed.add(id)
    changes.push({ action: 'Modify', id, type, ref: before.ref, replacement, details })
  }
  for (const [id, { type, ref }] of known)
    if (!model.resources.has(id)) changes.push({ action: 'Remove', id, type, ref, details: [] })
  return changes
}

const unknownOf = (id: string, { resources }: StackModel): string | undefined => (resources.has(id) ? UNKNOWN : undefined)

function propertyDetails(
  before: JsonObject,
  after: JsonObject,
  id: string,
  type: string,
  { model, replacedBy }: ChangeOptions,
): readonly ChangeDetail[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap((name): readonly ChangeDetail[] => {
    const [old, wanted] = [getOwn(before, name), getOwn(after, name)]
    if (sameText(old) === sameText(wanted)) return []
    const isDynamic = holdsUnknown(wanted)
    const isReplacing = replacedBy(type).some((property) => property === '*' || property === name)
    const source = isDynamic ? causeOf(getOwn(model.resources.get(id)?.properties ?? {}, name), model) : undefined
    return [
      {
        attribute: 'Properties',
        name,
        recreation: isReplacing ? (isDynamic ? 'Conditionally' : 'Always') : 'Never',
        evaluation: isDynamic ? 'Dynamic' : 'Static',
        ...(old !== undefined && { before: old }),
        ...(wanted !== undefined && { after: wanted }),
        ...(source !== undefined && { cause: source }),
      },
    ]
  })
}

function otherDetails(before: KnownResource, id: string, { metadataOf, policyOf }: ChangeOptions): readonly ChangeDetail[] {
  const details: ChangeDetail[] = []
  const never = { recreation: 'Never', evaluation: 'Static' } as const
  if (sameText(before.metadata) !== sameText(metadataOf(id))) details.push({ attribute: 'Metadata', ...never })
  if (before.deletionPolicy !== policyOf(id)) details.push({ attribute: 'DeletionPolicy', ...never })
  return details
}

/** A number and its text are one to CloudFormation. */
export const sameText = (value: Json | undefined): string => (value === undefined ? '' : stableJson(asTexts(value)))

function asTexts(value: Json): Json {
  if (isArray(value)) return value.map(asTexts)
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asTexts(member)]))
  return value === null ? null : isNumeral(value) ? value.rawJSON : String(value)
}

function holdsUnknown(value: Json | undefined): boolean {
  if (isArray(value)) return value.some(holdsUnknown)
  if (isObject(value)) return Object.values(value).some(holdsUnknown)
  return typeof value === 'string' && value.includes(UNKNOWN)
}

const causeOf = (written: Json | undefined, { resources }: StackModel): string | undefined =>
  written === undefined ? undefined : [...referencesOf(written)].find((name) => resources.has(name))
