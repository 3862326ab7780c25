/**
 * Mapping templates as API Gateway runs them: `$input`, `$context`, `$util` and `$stageVariables` over a body. Templates are parsed
 * once.
 * Source: API Gateway developer guide, "Mapping template variable reference", "Override your API's request and response parameters".
 */
import type { Json, JsonObject } from '../../../base/json.ts'
import { exactJsonOf } from '../../../base/json-text.ts'
import { printInOrder } from '../../../base/member-order.ts'

import { compilePath } from '../../../expr/jsonpath/path.ts'
import { Work } from '../../../expr/work.ts'

import { parseTemplate } from '../velocity/parser.ts'
import { runTemplate } from '../velocity/run.ts'
import { type Template, TemplateError } from '../velocity/syntax.ts'
import { isMap, isTool, printValue, type Tool, type Value, valueFrom } from '../velocity/value.ts'

export interface TemplateInput {
  readonly body: string
  readonly params: {
    readonly path: Readonly<Record<string, string>>
    readonly querystring: Readonly<Record<string, string>>
    readonly header: Readonly<Record<string, string>>
  }
  readonly context: JsonObject
  readonly stageVariables: Readonly<Record<string, string>>
}

export interface Rendered {
  readonly text: string
  /** What the template has set of `$context.requestOverride` or `$context.responseOverride`. */
  readonly override: Override
}

export interface Override {
  readonly status: number | undefined
  readonly header: Readonly<Record<string, string>>
  readonly querystring: Readonly<Record<string, string>>
  readonly path: Readonly<Record<string, string>>
}

const PARSED_MAX = 500
const TEMPLATE_CHARS_MAX = 300 * 1024
/** What is no template is known too, and read no second time. */
const parsed = new Map<string, Template | TemplateError>()

/** Throws TemplateError. */
export function renderTemplate(text: string, input: TemplateInput, override: 'requestOverride' | 'responseOverride'): Rendered {
  const work = new Work()
  const overridden = emptyOverride()
  const context = valueFrom(input.context, work)
  if (isMap(context)) context.set(override, overridden)
  const variables = new Map<string, Value>([
    ['input', inputTool(input)],
    ['context', context],
    ['util', UTIL],
    ['stageVariables', new Map(Object.entries(input.stageVariables))],
  ])
  const rendered = runTemplate(templateOf(text), variables, work)
  const now = isMap(context) ? context.get(override) : undefined
  return { text: rendered, override: overrideOf(now !== undefined && isMap(now) ? now : overridden, work) }
}

/** The oldest goes when there are too many. */
function templateOf(text: string): Template {
  if (text.length > TEMPLATE_CHARS_MAX) throw new TemplateError('The template is too long.')
  const template = parsed.get(text) ?? parseOrRefuse(text)
  parsed.set(text, template)
  const [oldest] = parsed.keys()
  if (parsed.size > PARSED_MAX && oldest !== undefined) parsed.delete(oldest)
  if (template instanceof TemplateError) throw template
  return template
}

function parseOrRefuse(text: string): Template | TemplateError {
  try {
    return parseTemplate(text)
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
}

const emptyOverride = (): Map<string, Value> =>
  new Map(['header', 'querystring', 'path'].map((place) => [place, new Map<string, Value>()] as const))

function overrideOf(set: ReadonlyMap<string, Value>, work: Work): Override {
  const texts = (place: string): Record<string, string> => {
    const found = set.get(place)
    if (found === undefined || !isMap(found)) return {}
    return Object.fromEntries([...found].map(([name, value]) => [name, printValue(value, work)]))
  }
  const status = Number(set.get('status') ?? Number.NaN)
  return {
    status: Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined,
    header: texts('header'),
    querystring: texts('querystring'),
    path: texts('path'),
  }
}

/** An empty body is an empty object, as on AWS: what is told whole is JSON then, too. */
function inputTool({ body: given, params }: TemplateInput): Tool {
  const body = given === '' ? '{}' : given
  let document: Json | undefined
  const read = (): Json => (document ??= exactJsonOf(body) ?? null)
  const find = (path: string, work: Work): Json | undefined => {
    const compiled = compilePath(path)
    if (!compiled.ok) throw new TemplateError(`Invalid JSON path ${path}: ${compiled.error.message}`)
    const found = compiled.value.selectIn(read(), work)
    return found.ok ? found.value : undefined
  }
  const all = new Map<string, Value>(
    Object.entries(params).map(([place, values]) => [place, new Map<string, Value>(Object.entries(values))]),
  )
  return {
    property: (name) => (name === 'body' ? body : undefined),
    method(name, values, work) {
      const argument = values[0] === undefined ? '$' : printValue(values[0], work)
      switch (name) {
        case 'json': {
          const found = find(argument, work)
          return found === undefined ? '""' : printInOrder(found)
        }
        case 'path': {
          const found = find(argument, work)
          return found === undefined ? null : valueFrom(found, work)
        }
        case 'body':
          return body
        case 'params':
          return values.length === 0 ? all : (paramNamed(params, argument) ?? '')
        default:
          return undefined
      }
    },
  }
}

/** A name alone, or a place: `header`, `querystring`, `path`. Of names the path goes first, then the query, then headers. */
function paramNamed(params: TemplateInput['params'], name: string): Value | undefined {
  if (name === 'header' || name === 'querystring' || name === 'path') return new Map(Object.entries(params[name]))
  for (const place of ['path', 'querystring', 'header'] as const)
    if (Object.hasOwn(params[place], name)) return params[place][name]
  return undefined
}

const UTIL: Tool = {
  method(name, values, work) {
    const text = printValue(values[0] ?? '', work)
    work.spend(text.length / 4)
    switch (name) {
      case 'escapeJavaScript':
        return escapeJavaScript(text)
      case 'parseJson': {
        const json = exactJsonOf(text)
        return json === undefined ? null : valueFrom(json, work)
      }
      case 'urlEncode':
        return encodeURIComponent(text.toWellFormed())
          .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
          .replaceAll('%20', '+')
      case 'urlDecode':
        return urlDecoded(text)
      case 'base64Encode':
        return Buffer.from(text).toString('base64')
      case 'base64Decode':
        return Buffer.from(text, 'base64').toString('utf8')
      case 'toJson':
        return values[0] === undefined ? '' : jsonText(values[0])
      default:
        return undefined
    }
  },
}

/** As Apache's StringEscapeUtils does it: what is not ASCII too, and single quotes, which JSON does not know. */
function escapeJavaScript(text: string): string {
  return text.replace(/["'\\/\b\f\n\r\t]|[^\x20-\x7e]/g, (char) => ESCAPES.get(char) ?? escaped(char))
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["'", "\\'"],
  ['\\', '\\\\'],
  ['/', '\\/'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`

function urlDecoded(text: string): Value {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

const DEPTH_MAX = 100

function jsonText(value: Value, depth = 0): string {
  if (depth > DEPTH_MAX) throw new TemplateError('a value nests too deeply')
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, depth + 1)).join(',')}]`
  if (isMap(value))
    return `{${[...value].map(([name, item]) => `${JSON.stringify(name)}:${jsonText(item, depth + 1)}`).join(',')}}`
  return isTool(value) ? 'null' : JSON.stringify(value)
}

/** What stands at a path of a body, as parameters are mapped: texts as they are, all else as JSON. */
export function textAt(body: string, path: string): string | undefined {
  const compiled = compilePath(path)
  const document = exactJsonOf(body)
  if (!compiled.ok || document === undefined) return undefined
  const found = compiled.value.selectIn(document)
  if (!found.ok || found.value === null) return undefined
  return typeof found.value === 'string' ? found.value : printInOrder(found.value)
}
