/**
 * Reads a SAM or CloudFormation template, YAML or JSON: short tags (`!Sub`) become long forms (`Fn::Sub`), every value keeps
 * its place in the text, and the sections are checked for their shape. Nothing is resolved here.
 * Source: AWS CloudFormation user guide, "Template anatomy" and "Intrinsic function reference"; AWS SAM specification, Globals.
 */
import { type CollectionTag, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type ScalarTag } from 'yaml'

import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'

import { type Position, type Problem, TemplateError } from './problem.ts'

export interface ResourceDeclaration {
  readonly id: string
  readonly type: string
  readonly properties: JsonObject
  readonly dependsOn: readonly string[]
  readonly condition: string | undefined
  readonly metadata: JsonObject
}

export interface Template {
  readonly file: string
  readonly description: string | undefined
  readonly isServerless: boolean
  readonly globals: JsonObject
  readonly parameters: ReadonlyMap<string, JsonObject>
  readonly mappings: JsonObject
  readonly conditions: ReadonlyMap<string, Json>
  readonly resources: ReadonlyMap<string, ResourceDeclaration>
  readonly outputs: ReadonlyMap<string, JsonObject>
  /** Where a value stands, by its keys from the root: `['Resources', 'Topic', 'Type']`. The nearest known place above it. */
  locate(path: readonly string[]): Position | undefined
}

const NODES_MAX = 200_000
const DEPTH_MAX = 100

export function parseTemplate(text: string, file: string): Template {
  const { root, places, problems } = readYaml(text, file)
  const locate = (path: readonly string[]): Position | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const place = places.get(path.slice(0, length).join('\n'))
      if (place !== undefined) return place
    }
    return undefined
  }
  const complain = (message: string, ...path: string[]) => problems.push({ message, file, position: locate(path) })
  if (!isObject(root)) throw new TemplateError([{ message: 'A template is a mapping with the section Resources.', file }])
  const section = (name: string): JsonObject => {
    const value = getOwn(root, name)
    if (value !== undefined && !isObject(value)) complain(`The section ${name} must be a mapping.`, name)
    return isObject(value) ? value : {}
  }
  const members = (name: string): Map<string, JsonObject> => {
    const found = new Map<string, JsonObject>()
    for (const [id, value] of Object.entries(section(name))) {
      if (isObject(value)) found.set(id, value)
      else complain(`${name} ${id} must be a mapping.`, name, id)
    }
    return found
  }
  const resources = new Map<string, ResourceDeclaration>()
  for (const [id, value] of members('Resources')) {
    const resource = readResource(id, value, complain)
    if (resource !== undefined) resources.set(id, resource)
  }
  if (resources.size === 0 && problems.length === 0) complain('The template declares no resources.', 'Resources')
  const template: Template = {
    file,
    description: textOf(getOwn(root, 'Description')),
    isServerless: JSON.stringify(getOwn(root, 'Transform') ?? '').includes('AWS::Serverless'),
    globals: section('Globals'),
    parameters: members('Parameters'),
    mappings: section('Mappings'),
    conditions: new Map(Object.entries(section('Conditions'))),
    resources,
    outputs: members('Outputs'),
    locate,
  }
  if (problems.length > 0) throw new TemplateError(problems)
  return template
}

function readResource(
  id: string,
  value: JsonObject,
  complain: (message: string, ...path: string[]) => unknown,
): ResourceDeclaration | undefined {
  const path = ['Resources', id]
  const type = getOwn(value, 'Type')
  if (typeof type !== 'string') {
    complain(`Resource ${id} has no Type.`, ...path)
    return undefined
  }
  if (!/^[A-Za-z0-9]+$/.test(id)) complain(`The logical id ${id} must be alphanumeric.`, ...path)
  const properties = getOwn(value, 'Properties') ?? {}
  if (!isObject(properties)) {
    complain(`The Properties of ${id} must be a mapping.`, ...path, 'Properties')
    return undefined
  }
  const depends = getOwn(value, 'DependsOn') ?? []
  const metadata = getOwn(value, 'Metadata')
  return {
    id,
    type,
    properties,
    dependsOn: (isArray(depends) ? depends : [depends]).filter((name) => typeof name === 'string'),
    condition: textOf(getOwn(value, 'Condition')),
    metadata: isObject(metadata) ? metadata : {},
  }
}

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

interface ReadYaml {
  readonly root: Json
  readonly places: Map<string, Position>
  readonly problems: Problem[]
}

function readYaml(text: string, file: string): ReadYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, customTags, prettyErrors: false })
  const toPosition = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const problems: Problem[] = [
    ...document.errors,
    ...document.warnings.filter((warning) => warning.code === 'TAG_RESOLVE_FAILED'),
  ].map((error) => ({ message: error.message, file, position: toPosition(error.pos[0]) }))
  if (problems.length > 0) throw new TemplateError(problems)
  const places = new Map<string, Position>()
  let nodes = 0
  // What an alias repeats counts as often as it stands there, so that a few lines cannot stand for billions of values.
  const anchors = new Map<string, { readonly value: Json; readonly nodes: number }>()
  const count = (more: number) => {
    nodes += more
    if (nodes > NODES_MAX) throw new TemplateError([{ message: 'The template is too large.', file }])
  }
  const copyOf = (anchor: string): Json => {
    const found = anchors.get(anchor)
    count(found?.nodes ?? 0)
    return found?.value ?? null
  }
  const convert = (node: unknown, path: readonly string[]): Json => {
    const before = nodes
    const value = convertNode(node, path)
    const anchor = (node as Node | null)?.anchor
    if (anchor !== undefined) anchors.set(anchor, { value, nodes: nodes - before })
    return value
  }
  const convertNode = (node: unknown, path: readonly string[]): Json => {
    const offset = (node as Node | null)?.range?.[0]
    if (offset !== undefined) places.set(path.join('\n'), toPosition(offset))
    count(1)
    if (path.length > DEPTH_MAX) throw new TemplateError([{ message: 'The template is nested too deeply.', file }])
    if (isAlias(node)) return copyOf(node.source)
    if (isMap(node)) {
      const object: Record<string, Json> = {}
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? String(pair.key.value) : JSON.stringify(pair.key)
        const inner = [...path, key]
        if (key === '<<' && (isAlias(pair.value) || isMap(pair.value))) {
          const merged = convert(pair.value, path)
          for (const [name, value] of Object.entries(isObject(merged) ? merged : {})) {
            if (!Object.hasOwn(object, name)) setOwn(object, name, value)
          }
          continue
        }
        setOwn(object, key, convert(pair.value, inner))
        const keyOffset = (pair.key as Node | null)?.range?.[0]
        if (keyOffset !== undefined) places.set(inner.join('\n'), toPosition(keyOffset))
      }
      return tagged(node.tag, object)
    }
    if (isSeq(node)) {
      const items = node.items.map((item, index) => convert(item, [...path, String(index)]))
      return tagged(node.tag, items)
    }
    if (isScalar(node)) return tagged(node.tag, node.value instanceof Date ? (node.source ?? '') : toJson(node.value))
    return null
  }
  return { root: convert(document.contents, []), places, problems }
}

function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

const SHORT_FORMS = [
  'Base64',
  'Cidr',
  'FindInMap',
  'GetAtt',
  'GetAZs',
  'ImportValue',
  'Join',
  'Length',
  'Select',
  'Split',
  'Sub',
  'ToJsonString',
  'Transform',
  'And',
  'Equals',
  'If',
  'Not',
  'Or',
] as const

/** `!Ref x` is `{"Ref": "x"}`, `!Condition x` `{"Condition": "x"}`, any other `{"Fn::…": …}`; `!GetAtt a.b` is split. */
function tagged(tag: string | undefined, value: Json): Json {
  if (tag === undefined || tag.length < 2 || !tag.startsWith('!') || tag.startsWith('!!')) return value
  const name = tag.slice(1)
  if (name === 'Ref' || name === 'Condition') return { [name]: value }
  if (name === 'GetAtt' && typeof value === 'string') {
    const dot = value.indexOf('.')
    return { 'Fn::GetAtt': dot < 0 ? [value] : [value.slice(0, dot), value.slice(dot + 1)] }
  }
  return { [`Fn::${name}`]: value }
}

/** One tag for each kind of node that may carry it; the node keeps its tag, `tagged` reads it. */
const customTags = ['Ref', 'Condition', ...SHORT_FORMS].flatMap((name): (ScalarTag | CollectionTag)[] => [
  { tag: `!${name}`, resolve: (text: string) => text },
  { tag: `!${name}`, collection: 'seq' },
  { tag: `!${name}`, collection: 'map' },
])
