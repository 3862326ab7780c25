/**
 * The members of what is kept, and their kinds: by one table a request to create is read, and a patch, whose values are all texts.
 * Source: API Gateway REST API reference, "Patch operations"; the models of its operations.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'

import { badRequest } from './errors.ts'

export type Member = 'text' | 'boolean' | 'number' | 'texts' | { readonly members: Shape } | { readonly mapOf: Member }

export type Shape = { readonly [member: string]: Member }

export const TEXT_MAP: Member = { mapOf: 'text' }
export const BOOLEAN_MAP: Member = { mapOf: 'boolean' }

/** The members of the shape that are there. What is null is not. Throws BadRequestException where one is of another kind. */
export function readMembers(input: JsonObject, shape: Shape): Record<string, Json> {
  const members: Record<string, Json> = {}
  for (const [name, member] of Object.entries(shape)) {
    const value = getOwn(input, name) ?? null
    if (value !== null) members[name] = readMember(value, member, name)
  }
  return members
}

function readMember(value: Json, member: Member, name: string): Json {
  switch (member) {
    case 'text':
    case 'boolean':
    case 'number':
      if (typeof value === (member === 'text' ? 'string' : member)) return value
      throw wrongKind(name)
    case 'texts':
      if (isArray(value) && value.every((item) => typeof item === 'string')) return value
      throw wrongKind(name)
    default: {
      if (!isObject(value)) throw wrongKind(name)
      if ('members' in member) return readMembers(value, member.members)
      const map: Record<string, Json> = {}
      for (const [key, item] of Object.entries(value)) if (item !== null) setOwn(map, key, readMember(item, member.mapOf, key))
      return map
    }
  }
}

const wrongKind = (name: string) => badRequest(`Invalid value specified for ${name}`)

interface Operation {
  readonly op: string
  readonly path: readonly string[]
  readonly value: string | undefined
  /** As it was given. */
  readonly pathText: string
}

/** What a record is after the operations of a PATCH. Throws BadRequestException: then nothing has changed. */
export function patched(record: JsonObject, input: JsonObject, shape: Shape): JsonObject {
  return operationsOf(input).reduce((before, operation) => {
    const [name = '', ...rest] = operation.path
    const member = getOwnMember(shape, name)
    if (member === undefined) throw invalidPath(operation)
    const changed = patchedMember(getOwn(before, name), member, rest, operation)
    return withMember(before, name, changed)
  }, record)
}

function patchedMember(
  before: Json | undefined,
  member: Member,
  path: readonly string[],
  operation: Operation,
): Json | undefined {
  const { op, value } = operation
  if (member === 'texts') return patchedList(isArray(before) ? before.map(String) : [], path, operation)
  if (typeof member === 'string') {
    if (path.length > 0) throw invalidPath(operation)
    return op === 'remove' ? undefined : scalar(value ?? '', member, operation)
  }
  const object = isObject(before) ? before : {}
  const [name, ...rest] = path
  if (name === undefined) {
    if (op === 'remove') return undefined
    throw invalidPath(operation)
  }
  const inner = 'mapOf' in member ? member.mapOf : getOwnMember(member.members, name)
  if (inner === undefined) throw invalidPath(operation)
  return withMember(object, name, patchedMember(getOwn(object, name), inner, rest, operation))
}

/** An item is named by the path, by its place there, or by the value. */
function patchedList(items: readonly string[], path: readonly string[], operation: Operation): Json {
  const { op, value } = operation
  const [named] = path
  if (path.length > 1) throw invalidPath(operation)
  const place = named !== undefined && /^\d{1,3}$/.test(named) ? Number(named) : undefined
  if (op === 'remove') {
    const item = named ?? value
    return place === undefined ? items.filter((one) => one !== item && item !== undefined) : items.filter((_, at) => at !== place)
  }
  if (op === 'add') {
    const item = place === undefined ? (named ?? value ?? '') : (value ?? '')
    return items.includes(item) ? items : [...items, item]
  }
  if (named === undefined) return (value ?? '') === '' ? [] : (value ?? '').split(',')
  if (place !== undefined) return items.length <= place ? [...items, value ?? ''] : items.with(place, value ?? '')
  return items.map((one) => (one === named ? (value ?? '') : one))
}

function scalar(value: string, member: 'text' | 'boolean' | 'number', operation: Operation): Json {
  if (member === 'text') return value
  if (member === 'boolean') return value === 'true'
  const number = Number(value)
  if (value === '' || !Number.isFinite(number)) throw badRequest(`Invalid patch value specified for ${operation.pathText}`)
  return number
}

export function withMember(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  const copy: Record<string, Json> = {}
  for (const [key, member] of Object.entries(object)) if (key !== name) setOwn(copy, key, member)
  if (value !== undefined) setOwn(copy, name, value)
  return copy
}

const getOwnMember = (shape: Shape, name: string): Member | undefined => (Object.hasOwn(shape, name) ? shape[name] : undefined)

const OPERATIONS_MAX = 1000

export function operationsOf(input: JsonObject): readonly Operation[] {
  const given = getOwn(input, 'patchOperations') ?? []
  if (!isArray(given) || given.length > OPERATIONS_MAX) throw badRequest('Invalid patch operations')
  return given.map((one) => {
    const operation = isObject(one) ? one : {}
    const [op, path, value] = ['op', 'path', 'value'].map((name) => getOwn(operation, name) ?? undefined)
    if (typeof op !== 'string' || !['add', 'remove', 'replace'].includes(op))
      throw badRequest(`Invalid patch operation specified. Must be one of: [add, remove, replace]`)
    if (typeof path !== 'string' || !path.startsWith('/')) throw badRequest('Invalid patch path specified')
    const parts = path
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    return { op, path: parts, pathText: path, value: value === undefined ? undefined : String(value) }
  })
}

const invalidPath = ({ pathText }: Operation) => badRequest(`Invalid patch path ${pathText}`)
