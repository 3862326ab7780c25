/**
 * Reads a SAM or CloudFormation template, YAML or JSON: short tags (`!Sub`) become long forms (`Fn::Sub`), every value keeps
 * its place in the text, and the sections are checked for their shape. Nothing is resolved here.
 * Source: AWS CloudFormation user guide, "Template anatomy" and "Intrinsic function reference"; AWS SAM specification, Globals.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../base/json.ts'
import { parseJsonExactly } from '../base/json-bounds.ts'

import { type Position, positionsIn } from '../source/position.ts'
import { JSON_NUMBER } from '../source/print-json.ts'
import { readSource } from '../source/source.ts'
import { nearestPlace, type ScalarNode, type SourceNode } from '../source/tree.ts'

import { writeLoopsOut } from './for-each.ts'
import { readPlainScalar } from './plain-scalar.ts'
import { type Problem, TemplateError } from './problem.ts'

export interface ResourceDeclaration {
  readonly id: string
  readonly type: string
  readonly properties: JsonObject
  readonly dependsOn: readonly string[]
  readonly condition: string | undefined
  readonly metadata: JsonObject
  /** `DeletionPolicy: Retain`, and its like. */
  readonly isRetained: boolean
  /** Where it stands in the template; of one that SAM makes, what it is made for. */
  readonly path: readonly string[]
  /** Made by SAM without being asked for: nothing of it is told. */
  readonly isImplied?: boolean
}

export interface Template {
  readonly file: string
  /** What is read otherwise than it may have been meant. */
  readonly warnings: readonly Problem[]
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
const LOOP_WANTS = 'it takes a name, a list that is written in the template or a parameter, and a mapping'
const DEPTH_MAX = 100
/** Of the names of a resource's properties. */
const PROPERTY_DEPTH = 4

/** Throws TemplateError with all that is wrong. `parameters`: as the caller gives them, for loops over one. */
export function parseTemplate(text: string, file: string, parameters: Readonly<Record<string, string>> = {}): Template {
  const { template, problems } = readTemplate(text, file, parameters)
  if (template === undefined || problems.length > 0) throw new TemplateError(problems)
  return template
}

/** What there is to a template in spite of its problems; undefined where it is none. Throws TemplateError beyond its bounds. */
export function readTemplate(
  text: string,
  file: string,
  parameters: Readonly<Record<string, string>> = {},
): { readonly template: Template | undefined; readonly problems: readonly Problem[] } {
  const source = readSource(text, 'YAML')
  const positionAt = positionsIn(text)
  const toProblem = ({ message, from }: { message: string; from: number }): Problem => ({
    message,
    file,
    position: positionAt(from),
  })
  const broken = [...source.problems.filter(({ isDuplicate }) => !isDuplicate), ...unknownTags(text, source.root)]
  const problems = broken.map(toProblem)
  const twice = source.problems
    .filter(({ isDuplicate }) => isDuplicate)
    .map((problem) => ({ ...problem, message: `${problem.message}: the last one counts.` }))
  const written = source.root ? new LongForm(text, file).of(source.root, 0) : null
  const loops = isObject(written) ? writeLoopsOut(written, parameters, NODES_MAX) : undefined
  if (loops?.isTooLarge === true) throw new TemplateError([{ message: 'The template is too large.', file }])
  const root = loops?.root ?? null
  const leftOut = loops?.leftOut ?? []
  const locate = (path: readonly string[]): Position | undefined => {
    const { place } = nearestPlace(source.root, path)
    return place && positionAt(place.range.from)
  }
  const complain = (message: string, ...path: string[]) => problems.push({ message, file, position: locate(path) })
  if (!isObject(root)) {
    const message = 'A template is a mapping with the section Resources.'
    return { template: undefined, problems: problems.length > 0 ? problems : [{ message, file }] }
  }
  const section = (name: string): JsonObject => {
    const value = getOwn(root, name) ?? {}
    if (!isObject(value)) complain(`The section ${name} must be a mapping.`, name)
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
  if (resources.size === 0 && problems.length === 0 && leftOut.length === 0)
    complain('The template declares no resources.', 'Resources')
  const template: Template = {
    file,
    warnings: [...twice.map(toProblem), ...leftOut.map((name) => ({ message: `${name} is left out: ${LOOP_WANTS}.`, file }))],
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
  return { template, problems }
}

function readResource(
  id: string,
  value: JsonObject,
  complain: (message: string, ...path: string[]) => unknown,
): ResourceDeclaration | undefined {
  const path = ['Resources', id]
  const type = getOwn(value, 'Type')
  if (typeof type !== 'string') complain(`Resource ${id} has no Type.`, ...path)
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
    type: textOf(type) ?? '',
    properties,
    dependsOn: (isArray(depends) ? depends : [depends]).filter((name) => typeof name === 'string'),
    condition: textOf(getOwn(value, 'Condition')),
    metadata: isObject(metadata) ? metadata : {},
    isRetained: /^Retain/.test(textOf(getOwn(value, 'DeletionPolicy')) ?? ''),
    path,
  }
}

const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

/** The values of a tree, its short tags as long forms and its merges (`<<`) merged. Throws TemplateError beyond its bounds. */
class LongForm {
  readonly #text: string
  readonly #file: string
  #nodes = 0

  constructor(text: string, file: string) {
    this.#text = text
    this.#file = file
  }

  /** `isSpelled`: numbers as they are written. */
  of(node: SourceNode, depth: number, isSpelled = false): Json {
    if (depth > DEPTH_MAX) throw this.#refusal('The template is nested too deeply.')
    if (++this.#nodes > NODES_MAX) throw this.#refusal('The template is too large.')
    return tagged(node.tag, this.#plain(node, depth + 1, isSpelled))
  }

  #plain(node: SourceNode, depth: number, isSpelled: boolean): Json {
    if (node.kind === 'scalar') return scalarOf(node, this.#text, isSpelled)
    if (node.kind === 'array') return node.items.map((item) => this.of(item, depth, isSpelled))
    const object: Record<string, Json> = {}
    for (const { name, value } of node.members) {
      const member = this.of(value, depth, isSpelled || (name === 'Definition' && depth === PROPERTY_DEPTH))
      if (name !== '<<' || !isObject(member)) setOwn(object, name, member)
      else {
        for (const [inherited, value] of Object.entries(member))
          if (!Object.hasOwn(object, inherited)) setOwn(object, inherited, value)
      }
    }
    return object
  }

  #refusal(message: string): TemplateError {
    return new TemplateError([{ message, file: this.#file }])
  }
}

/** Null is written for what is no number to JavaScript, too. */
function scalarOf({ value, tag, from, to }: ScalarNode, text: string, isSpelled: boolean): Json {
  const written = text.slice(from, to)
  if (tag !== undefined || (typeof value === 'string' && value !== written)) return value
  if (value === null) return /^[-+.\d]/.test(written) ? written : null
  const plain = readPlainScalar(written) ?? value
  return isSpelled && typeof plain === 'number' && JSON_NUMBER.test(written) ? parseJsonExactly(written) : plain
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

const KNOWN_TAGS: ReadonlySet<string> = new Set(['Ref', 'Condition', ...SHORT_FORMS].map((name) => `!${name}`))

function unknownTags(text: string, node: SourceNode | undefined): { readonly message: string; readonly from: number }[] {
  if (node === undefined) return []
  const inner = node.kind === 'object' ? node.members.map(({ value }) => value) : node.kind === 'array' ? node.items : []
  const found = inner.flatMap((one) => unknownTags(text, one))
  const { tag } = node
  if (tag === undefined || !/^!(?!!)./.test(tag) || KNOWN_TAGS.has(tag)) return found
  return [{ message: `Unresolved tag: ${tag}`, from: text.lastIndexOf(tag, node.from) }, ...found]
}
