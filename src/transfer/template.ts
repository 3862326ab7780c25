/**
 * What was found, as a SAM template that makes it again: each resource refers to the others by `Ref` and `Fn::GetAtt`, and to its
 * account and region by pseudo parameters. Definitions and code are files beside it, or definitions stand in it.
 * Source: AWS SAM specification; CloudFormation template reference, "Fn::Sub".
 */
import { stringify } from 'yaml'

import { getOwn, isArray, isObject, type Json, type JsonObject } from '../base/json.ts'

import { requiredText, tagsOf, textAt } from '../cloudformation/resources/resource.ts'

import type { Found } from './inventory.ts'
import { mapTexts, type Piece, piecesOf } from './mentions.ts'
import { type Reference, referencesTo } from './order.ts'
import type { Place } from './source.ts'

export interface WrittenTemplate {
  readonly text: string
  /** Definitions, by their paths from the template. */
  readonly definitions: ReadonlyMap<string, string>
  /** Whose code is to lie in which folder. */
  readonly code: ReadonlyMap<string, Found>
}

/** `found`: each after what it mentions. */
export function writeTemplate(found: readonly Found[], from: Place, hasFiles: boolean): WrittenTemplate {
  const writer = new Writer(found, from, hasFiles)
  return writer.write()
}

class Writer {
  readonly #found: readonly Found[]
  readonly #from: Place
  readonly #hasFiles: boolean
  readonly #ids = new Map<Found, string>()
  readonly #references: ReadonlyMap<string, Reference>
  readonly #written = new Set<Found>()
  readonly #definitions = new Map<string, string>()
  readonly #code = new Map<string, Found>()

  constructor(found: readonly Found[], from: Place, hasFiles: boolean) {
    this.#found = found
    this.#from = from
    this.#hasFiles = hasFiles
    this.#references = referencesTo(found)
    const taken = new Set<string>()
    for (const one of found) this.#ids.set(one, freeId(one, taken))
  }

  write(): WrittenTemplate {
    const resources: Record<string, Json> = {}
    for (const one of this.#found) {
      const id = this.#idOf(one)
      resources[id] = { ...this.#resource(one, id), ...this.#dependsOn(one) }
      this.#written.add(one)
    }
    const template = {
      AWSTemplateFormatVersion: '2010-09-09',
      Transform: 'AWS::Serverless-2016-10-31',
      Description: 'Written by regente export.',
      Resources: resources,
    }
    // CloudFormation reads YAML 1.1, to which more words are no texts.
    const text = stringify(template, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })
    return { text, definitions: this.#definitions, code: this.#code }
  }

  #idOf(one: Found): string {
    return this.#ids.get(one) ?? ''
  }

  #dependsOn(one: Found): JsonObject {
    const ids = (one.follows ?? []).flatMap((text) => {
      const reference = this.#references.get(text)
      return reference === undefined ? [] : [this.#idOf(reference.to)]
    })
    return ids.length === 0 ? {} : { DependsOn: ids }
  }

  #resource(one: Found, id: string): JsonObject {
    if (one.type === 'AWS::StepFunctions::StateMachine') return this.#machine(one, id)
    const properties = this.#resolved(one.properties)
    if (one.type !== 'AWS::Lambda::Function') return { Type: one.type, Properties: properties }
    const folder = `functions/${fileNameOf(one, id)}`
    this.#code.set(folder, one)
    const { TracingConfig, DeadLetterConfig, Tags: _, ...same } = properties
    return {
      Type: 'AWS::Serverless::Function',
      Properties: {
        ...same,
        CodeUri: folder,
        ...(isObject(TracingConfig) && { Tracing: TracingConfig['Mode'] ?? 'PassThrough' }),
        ...this.#deadLetter(one.properties, DeadLetterConfig),
        ...tagMap(one.properties),
      },
    }
  }

  #deadLetter(found: JsonObject, config: Json | undefined): JsonObject {
    if (!isObject(config)) return {}
    const given = getOwn(found, 'DeadLetterConfig')
    const isTopic = isObject(given) && textAt(given, 'TargetArn')?.includes(':sns:') === true
    return { DeadLetterQueue: { Type: isTopic ? 'SNS' : 'SQS', TargetArn: config['TargetArn'] ?? '' } }
  }

  #machine(one: Found, id: string): JsonObject {
    const { DefinitionString: _, ...others } = one.properties
    const { StateMachineName, StateMachineType, RoleArn, LoggingConfiguration, TracingConfiguration } = this.#resolved(others)
    const { text, substitutions } = this.#substituted(requiredText(one.properties, 'DefinitionString'))
    const file = `machines/${fileNameOf(one, id)}.asl.json`
    if (this.#hasFiles) this.#definitions.set(file, text)
    return {
      Type: 'AWS::Serverless::StateMachine',
      Properties: {
        Name: StateMachineName ?? one.name,
        Type: StateMachineType ?? 'STANDARD',
        Role: RoleArn ?? '',
        ...(this.#hasFiles ? { DefinitionUri: file } : { Definition: definitionIn(text) }),
        ...(Object.keys(substitutions).length > 0 && { DefinitionSubstitutions: substitutions }),
        ...(LoggingConfiguration !== undefined && { Logging: LoggingConfiguration }),
        ...(TracingConfiguration !== undefined && { Tracing: TracingConfiguration }),
        ...tagMap(one.properties),
      },
    }
  }

  /** A definition refers by `${Name}`. */
  #substituted(definition: string): { readonly text: string; readonly substitutions: JsonObject } {
    const substitutions: Record<string, Json> = {}
    const named = (name: string, value: Json): string => {
      substitutions[name] = value
      return `\${${name}}`
    }
    const text = this.#pieces(definition)
      .map((piece) => {
        if (typeof piece === 'object')
          return named(`${this.#idOf(piece.mention.to)}${piece.mention.attribute}`, this.#intrinsic(piece.mention))
        return this.#placed(piece, (parameter) => named(parameter.replace('::', ''), { Ref: parameter }))
      })
      .join('')
    return { text, substitutions }
  }

  #resolved(properties: JsonObject): JsonObject {
    const resolved = mapTexts(properties, (text) => this.#text(text))
    return isObject(resolved) ? resolved : {}
  }

  #text(text: string): Json {
    const pieces = this.#pieces(text)
    const [first] = pieces
    if (pieces.length === 1 && typeof first === 'object') return this.#intrinsic(first.mention)
    let isPlain = true
    const parameter = (name: string): string => {
      isPlain = false
      return `\${${name}}`
    }
    const parts = pieces.map((piece) => {
      if (typeof piece === 'string') return this.#placed(piece.replaceAll('${', '${!'), parameter)
      const { to, attribute } = piece.mention
      return parameter(attribute === 'Ref' ? this.#idOf(to) : `${this.#idOf(to)}.${attribute}`)
    })
    return isPlain ? text : { 'Fn::Sub': parts.join('') }
  }

  /** What is written later cannot be referred to: of a circle somebody is first. */
  #pieces(text: string): readonly Piece<Reference>[] {
    return piecesOf(text, (token) => {
      const reference = this.#references.get(token)
      return reference !== undefined && this.#written.has(reference.to) ? reference : undefined
    })
  }

  /** Partition, region and account of ARNs are those of where the template is deployed. */
  #placed(text: string, parameter: (name: string) => string): string {
    const { region, account } = this.#from
    return text.replaceAll(
      new RegExp(`arn:[\\w-]+:([\\w-]+):(${region})?:${account}:`, 'g'),
      (_, service: string, given?: string) =>
        `arn:${parameter('AWS::Partition')}:${service}:${given === undefined ? '' : parameter('AWS::Region')}:${parameter('AWS::AccountId')}:`,
    )
  }

  #intrinsic({ to, attribute }: Reference): Json {
    return attribute === 'Ref' ? { Ref: this.#idOf(to) } : { 'Fn::GetAtt': [this.#idOf(to), attribute] }
  }
}

/** What SAM puts by itself is not said. */
const OF_SAM = /^(?:lambda|stateMachine|httpapi):createdBy$/

function tagMap(properties: JsonObject): JsonObject {
  const tags = tagsOf(properties).filter(({ key }) => !OF_SAM.test(key))
  return tags.length === 0 ? {} : { Tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])) }
}

/** As it is written in a template: a value where it is JSON without substitutions in the way. */
function definitionIn(text: string): Json {
  const value: unknown = JSON.parse(text)
  return isObject(value) || isArray(value) ? value : text
}

const NOUNS: Readonly<Record<string, string>> = { StateMachine: 'Machine', LogGroup: 'Logs', EventSourceMapping: 'Source' }
const ID_CHARS_MAX = 100

/** Letters and digits: `OrderStockFunction`. */
function freeId({ type, name }: Found, taken: Set<string>): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean)
  const stem = words.map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`).join('')
  const noun = type.split('::').at(-1) ?? ''
  const id = `${/^[A-Za-z]/.test(stem) ? '' : 'A'}${stem.slice(0, ID_CHARS_MAX)}${NOUNS[noun] ?? noun}`
  let free = id
  for (let count = 2; taken.has(free); count++) free = `${id}${count}`
  taken.add(free)
  return free
}

/** Its name where that can be a file's. */
const fileNameOf = ({ name }: Found, id: string): string => (/^[\w-]+$/.test(name) ? name : id)
