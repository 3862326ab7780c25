/**
 * Snippets that a template takes from buckets: a member `Fn::Transform` of AWS::Include becomes the members of the snippet, beside
 * what it stands with. Snippets hold no snippets.
 * Source: CloudFormation template reference, "AWS::Include transform", "Fn::Transform"; refusals of the service.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, setOwn } from '../../base/json.ts'

import { readSource } from '../../source/source.ts'

import { TemplateError } from '../problem.ts'
import { locationOf, type S3Location } from '../s3-location.ts'
import { declaredIn, INCLUDE, nameOf } from './declared-transforms.ts'
import { longFormOf, NODES_MAX } from './long-form.ts'
import { validationError } from './refusal.ts'

export interface IncludeOptions {
  /** The text of an object; undefined where the bucket or the object is not there. */
  readObject(location: S3Location): Promise<string | undefined>
  /** A location may refer to parameters. Throws where it cannot be resolved. */
  resolve(value: Json): Json
  /** As transforms of one's own are told. */
  readonly account: string
}

const SNIPPETS_MAX = 200

/** Throws ValidationError. */
export async function includeSnippets(root: JsonObject, options: IncludeOptions): Promise<JsonObject> {
  const included = await new Includer(options).include(root)
  let whole = isObject(included) ? included : root
  for (const transform of declaredIn(root)) {
    if (nameOf(transform) !== INCLUDE || !isObject(transform)) continue
    whole = merged(whole, await new Includer(options).snippet(transform))
  }
  return whole
}

const failure = (reason: string) => validationError(`Transform ${INCLUDE} failed with: ${reason}`)

class Includer {
  readonly #options: IncludeOptions
  #count = 0

  constructor(options: IncludeOptions) {
    this.#options = options
  }

  /** The inner ones first. */
  async include(value: Json): Promise<Json> {
    if (isArray(value)) {
      const items: Json[] = []
      for (const item of value) items.push(hasTransforms(item) ? await this.include(item) : item)
      return items
    }
    if (!isObject(value)) return value
    let object: Record<string, Json> = {}
    for (const [name, member] of Object.entries(value)) {
      if (name === 'Fn::Transform') continue
      setOwn(object, name, hasTransforms(member) ? await this.include(member) : member)
    }
    for (const transform of transformsOf(value)) object = { ...merged(object, await this.#members(transform)) }
    return object
  }

  async #members(transform: Json): Promise<JsonObject> {
    if (nameOf(transform) === INCLUDE && isObject(transform)) return this.snippet(transform)
    throw validationError(`No transform named ${fullName(nameOf(transform), this.#options.account)} found.`)
  }

  async snippet(transform: JsonObject): Promise<JsonObject> {
    if (++this.#count > SNIPPETS_MAX) throw failure(`The template includes more than ${SNIPPETS_MAX} snippets`)
    const parameters = getOwn(transform, 'Parameters')
    const given = isObject(parameters) ? getOwn(parameters, 'Location') : undefined
    const url = given === undefined ? undefined : this.#options.resolve(given)
    const location = typeof url === 'string' ? locationOf(url) : undefined
    if (location === undefined) throw failure('The location parameter is not a valid S3 uri')
    const text = await this.#options.readObject(location)
    if (text === undefined) throw failure(`The S3 object [${location.key}] of the bucket [${location.bucket}] does not exist.`)
    return objectIn(text)
  }
}

const fullName = (name: string, account: string): string => (name.includes('::') ? name : `${account}::${name}`)

function hasTransforms(value: Json): boolean {
  if (isArray(value)) return value.some(hasTransforms)
  return isObject(value) && (Object.hasOwn(value, 'Fn::Transform') || Object.values(value).some(hasTransforms))
}

const transformsOf = (value: JsonObject): readonly Json[] => {
  const given = getOwn(value, 'Fn::Transform')
  return given === undefined ? [] : isArray(given) ? given : [given]
}

/** Short tags are not taken in snippets. */
function objectIn(text: string): JsonObject {
  const wrong = failure("The specified S3 object's content should be valid Yaml/JSON")
  try {
    const { root, problems } = longFormOf(readSource(text, /^\s*\{/.test(text) ? 'JSON' : 'YAML'), '')
    if (problems.length > 0 || !isObject(root) || /(?:^|\s)![A-Z]\w+/.test(text)) throw wrong
    if (sizeOf(root) > NODES_MAX) throw wrong
    return root
  } catch (error) {
    throw error instanceof TemplateError ? wrong : error
  }
}

const sizeOf = (value: Json): number => {
  if (isArray(value)) return value.reduce<number>((sum, item) => sum + sizeOf(item), 1)
  return isObject(value) ? Object.values(value).reduce<number>((sum, member) => sum + sizeOf(member), 1) : 1
}

/** Sections are merged member by member; of the same name the template's own counts. */
function merged(own: JsonObject, snippet: JsonObject): Record<string, Json> {
  const object: Record<string, Json> = {}
  for (const [name, member] of [...Object.entries(snippet), ...Object.entries(own)]) {
    const before = getOwn(object, name)
    setOwn(object, name, isObject(before) && isObject(member) ? merged(member, before) : member)
  }
  return object
}
