/**
 * The filters of DescribeParameters and GetParametersByPath: all of them must match, any value of each.
 * Source: Systems Manager API reference, ParameterStringFilter; the service's texts.
 */
import type { JsonObject } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { objectList } from '../kit/input.ts'

import { constraintError, ssmError } from './errors.ts'
import { readText, readTexts } from './input.ts'
import { readPath } from './names.ts'
import { labelsOf, type ParameterRow, TIERS, TYPES, type VersionRow } from './parameter-store.ts'

/** What is looked at: a parameter, and the version of it that is shown. */
export interface Candidate {
  readonly parameter: ParameterRow
  readonly version: VersionRow
}
export type Filter = (candidate: Candidate) => boolean

const KEY = /^(?:tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$/
const VALUES_MAX = 50
/** By what each is compared, and what it may be where that is a closed list. */
const TEXTS: ReadonlyMap<string, { of: (candidate: Candidate) => readonly string[]; values?: readonly string[] }> = new Map([
  ['Name', { of: ({ parameter }) => [parameter.name, parameter.name.replace(/^\//, '')] }],
  ['Type', { of: ({ version }) => [version.type], values: TYPES }],
  ['KeyId', { of: ({ version }) => (version.keyId === null ? [] : [version.keyId]) }],
  ['Tier', { of: ({ version }) => [version.tier], values: TIERS }],
  ['DataType', { of: ({ version }) => [version.dataType] }],
  ['Label', { of: ({ version }) => labelsOf(version) }],
])
const OF_PATHS = ['Type', 'KeyId', 'Label']
const OF_ALL = ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType']

export interface Filters {
  readonly matches: Filter
  /** Asked for by GetParametersByPath: the version that has it is shown. */
  readonly label: string | undefined
}

/** `isByPath`: of GetParametersByPath, which takes fewer. */
export function readFilters(input: JsonObject, isByPath: boolean): Filters {
  const given = objectList(input, 'ParameterFilters')
  const keys = given.map((one) => readText(one, 'Key') ?? '')
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  if (twice !== undefined)
    throw ssmError(
      'InvalidFilterKey',
      `The following filter is duplicated in the request: ${twice}. A request can contain only one occurrence of a specific filter.`,
    )
  const filters = [...given.map((one, index) => readFilter(one, index, isByPath)), ...olderFilters(input)]
  const label = given.find((one) => readText(one, 'Key') === 'Label')
  return {
    matches: (candidate) => filters.every((filter) => filter(candidate)),
    label: label && readTexts(label, 'Values')?.[0],
  }
}

/** Those of before ParameterFilters: names are prefixes. */
function olderFilters(input: JsonObject): readonly Filter[] {
  return objectList(input, 'Filters').map((one) => {
    const key = readText(one, 'Key') ?? ''
    const texts = TEXTS.get(key)
    if (!texts) throw constraintError(key, 'Filters', 'Member must satisfy enum value set: [Name, Type, KeyId]')
    const values = readTexts(one, 'Values') ?? []
    return compare(texts.of, key === 'Name' ? 'BeginsWith' : 'Equals', values)
  })
}

function readFilter(input: JsonObject, index: number, isByPath: boolean): Filter {
  const key = readText(input, 'Key') ?? ''
  const at = `parameterFilters.${index + 1}.member`
  if (!KEY.test(key))
    throw constraintError(
      key,
      `${at}.key`,
      'Member must satisfy regular expression pattern: tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType',
    )
  const values = readTexts(input, 'Values') ?? []
  if (values.length > VALUES_MAX)
    throw constraintError(values.join(), `${at}.values`, `Member must have length less than or equal to ${VALUES_MAX}`)
  const known = isByPath ? OF_PATHS : OF_ALL
  if (!key.startsWith('tag:') && !known.includes(key))
    throw ssmError(
      'InvalidFilterKey',
      `The following filter key is not valid: ${key}. Valid filter keys include: [${known.filter((one) => one !== 'Label').join(', ')}].`,
    )
  if (!key.startsWith('tag:') && values.length === 0)
    throw ssmError('InvalidFilterValue', `The following filter values are missing : null for filter key ${key}.`)
  if (key === 'Path') return pathFilter(readText(input, 'Option') ?? 'OneLevel', values)
  const option = readOption(readText(input, 'Option') ?? 'Equals', key)
  if (key.startsWith('tag:')) return tagFilter(key.slice(4), option, values)
  const { of = () => [], values: closed } = TEXTS.get(key) ?? {}
  const wrong = closed && values.find((value) => !closed.includes(value))
  if (wrong !== undefined)
    throw ssmError(
      'InvalidFilterOption',
      `The following filter value is not valid: ${wrong}. Valid values include: [${closed?.join(', ')}].`,
    )
  return compare(of, option, values)
}

function readOption(option: string, key: string): string {
  if (option === 'Equals' || option === 'BeginsWith' || (option === 'Contains' && key === 'Name')) return option
  throw ssmError(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. Valid options include: [BeginsWith, Equals].`,
  )
}

function compare(of: (candidate: Candidate) => readonly string[], option: string, values: readonly string[]): Filter {
  const matches = (text: string, value: string): boolean =>
    option === 'Equals' ? text === value : option === 'BeginsWith' ? text.startsWith(value) : text.includes(value)
  return (candidate) => of(candidate).some((text) => values.some((value) => matches(text, value)))
}

function tagFilter(key: string, option: string, values: readonly string[]): Filter {
  return ({ parameter }) => {
    const tags = objectOf(parameter.tags) ?? {}
    if (!Object.hasOwn(tags, key)) return false
    const text = String(tags[key])
    return values.length === 0 || values.some((value) => (option === 'BeginsWith' ? text.startsWith(value) : text === value))
  }
}

function pathFilter(option: string, values: readonly string[]): Filter {
  if (option !== 'Recursive' && option !== 'OneLevel')
    throw ssmError(
      'InvalidFilterOption',
      `The following filter option is not valid: ${option}. Valid options include: [Recursive, OneLevel].`,
    )
  const paths = values.map(readPath)
  return ({ parameter: { name } }) => paths.some((path) => isBelow(name, path, option === 'Recursive'))
}

/** `path` ends with a slash. Of the root those without a path are direct children. */
export function isBelow(name: string, path: string, isRecursive: boolean): boolean {
  const full = name.startsWith('/') ? name : `/${name}`
  return full.startsWith(path) && (isRecursive || !full.slice(path.length).includes('/'))
}
