/**
 * The tree of a template's text as JSON: short tags (`!Sub`) as long forms (`Fn::Sub`), merges (`<<`) merged, numbers as they are
 * written where only that is right. Bounded: what aliases repeat counts as often as it stands there.
 * Source: CloudFormation user guide, "Template formats"; template reference, "Intrinsic functions".
 */
import { isObject, type Json, setOwn } from '../../base/json.ts'
import { parseJsonExactly } from '../../base/json-bounds.ts'

import { JSON_NUMBER } from '../../source/print-json.ts'
import { positionsIn, type Position } from '../../source/position.ts'
import { readPlainYaml } from '../../source/plain-yaml.ts'
import { readSource, type Source } from '../../source/source.ts'
import { duplicateMembers, nearestPlace, type ScalarNode, type SourceNode } from '../../source/tree.ts'

import { type Problem, TemplateError } from '../problem.ts'
import { readPlainScalar } from './plain-scalar.ts'

export const NODES_MAX = 200_000
const DEPTH_MAX = 100
/** Of the names of a resource's properties. */
const PROPERTY_DEPTH = 4

export interface LongFormText {
  /** As far as the text could be read; null where it is empty. */
  readonly root: Json
  /** Names that stand twice: the last one counts. */
  readonly warnings: readonly Problem[]
  readonly problems: readonly Problem[]
  /** Where a value stands, by its keys from the root. The nearest known place above it. */
  locate(path: readonly string[]): Position | undefined
}

/** Throws TemplateError beyond its bounds. */
export const readLongForm = (text: string, file: string): LongFormText => longFormOf(readText(text), file)

export function longFormOf(source: Source, file: string): LongFormText {
  const { text } = source
  const positionAt = positionsIn(text)
  const toProblem = ({ message, from }: { readonly message: string; readonly from: number }): Problem => ({
    message,
    file,
    position: positionAt(from),
  })
  const broken = [...source.problems.filter(({ isDuplicate }) => !isDuplicate), ...unknownTags(text, source.root)]
  const twice = source.root === undefined ? [] : duplicateMembers(source.root)
  return {
    root: source.root ? new LongForm(text, file).of(source.root, 0) : null,
    warnings: twice.map(({ member }) =>
      toProblem({ message: 'Map keys must be unique: the last one counts.', from: member.nameRange.from }),
    ),
    problems: broken.map(toProblem),
    locate(path) {
      const { place } = nearestPlace(source.root, path)
      return place && positionAt(place.range.from)
    },
  }
}

/** What begins as JSON and is none may be YAML in braces. JSON, and YAML of the plain kind, are read much faster. */
function readText(text: string): Source {
  const asJson = /^\s*\{/.test(text) ? readSource(text, 'JSON') : undefined
  return asJson !== undefined && asJson.problems.length === 0 ? asJson : readYamlText(text)
}

export function readYamlText(text: string): Source {
  const root = readPlainYaml(text)
  if (root !== undefined) return { text, notation: 'YAML', root, problems: [] }
  if (!hasManyMarks(text)) return readSource(text, 'YAML')
  return { text, notation: 'YAML', root: undefined, problems: [{ message: 'The text is too large.', from: 0, to: 0 }] }
}

/** The library takes its time for each of them. */
const MARKS_MAX = 300_000

function hasManyMarks(text: string): boolean {
  if (text.length <= MARKS_MAX) return false
  let marks = 0
  for (const _ of text.matchAll(/[[\]{},:!&*#"'\n]/g)) if (++marks > MARKS_MAX) return true
  return false
}

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
