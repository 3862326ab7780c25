/**
 * Definitions whose `${Name}` get their values at deployment (DefinitionSubstitutions, Fn::Sub). What is known is put in, as
 * CloudFormation does: as text, before anything is parsed. What is not known stands as a text of its own, so that the rest can
 * be checked; nothing is said of its place, for only the deployment knows what will be there.
 * Source: AWS CloudFormation, AWS::StepFunctions::StateMachine, DefinitionSubstitutions.
 */
import { getOwn, type JsonObject } from '../base/json.ts'

import { readJson } from '../source/json.ts'
import { nearestPlace } from '../source/tree.ts'

import type { Diagnostic } from '../asl/diagnostic.ts'
import { pathOfLocation } from '../asl/document/location.ts'

const PLACEHOLDER = /\$\{([^{}"\n]+)\}/g

export const hasPlaceholders = (text: string): boolean => text.search(PLACEHOLDER) >= 0

/** Values that the template writes out; all others stay as they are. */
export const withKnownValues = (text: string, substitutions: JsonObject): string =>
  text.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = getOwn(substitutions, name.trim())
    return value === undefined || value === null || typeof value === 'object' ? whole : String(value)
  })

/** JSON where a value may be a bare `${Name}`. Within texts nothing changes. */
function mapBare(json: string, change: (placeholder: string) => string): string {
  return json.replaceAll(/"(?:[^"\\\n]|\\.)*"|\$\{[^{}"\n]+\}/g, (token) => (token.startsWith('"') ? token : change(token)))
}

/** Each bare `${Name}` as a text: what it will be is not known. */
export const withQuotedPlaceholders = (json: string): string => mapBare(json, (placeholder) => `"${placeholder}"`)

/** The same without moving anything, for whoever looks for places: `${Name}` becomes `"{Name"`. */
export const inPlace = (json: string): string => mapBare(json, (placeholder) => `"${placeholder.slice(1, -1)}"`)

/** The same of YAML, where a placeholder that stands alone breaks the braces around it: `{N: ${N}}`. */
export const withQuotedPlaceholdersInYaml = (yaml: string): string =>
  yaml.replaceAll(BARE_IN_BRACES, (placeholder) => `"${placeholder}"`)

export const inPlaceInYaml = (yaml: string): string =>
  yaml.replaceAll(BARE_IN_BRACES, (placeholder) => `"${placeholder.slice(1, -1)}"`)

const BARE_IN_BRACES = /(?<=[,[{]\s*|[:-]\s+)\$\{[^{}"\n]+\}(?=\s*(?:[,\]}]|$))/gm

/** Of members upon which depends what else there may be: the choice that allows most. */
const STAND_INS: Readonly<Record<string, string>> = { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD', QueryLanguage: 'JSONPath' }

/**
 * JSON that can be checked: a text that is a placeholder as a whole becomes the ARN of a function, the part of an ARN what
 * stands there in one, any other its name.
 */
export function withStandIns(json: string): string {
  let member = ''
  return json.replaceAll(/"((?:[^"\\\n]|\\.)*)"(\s*:)?/g, (token, text: string, colon: string | undefined) => {
    const name = member
    member = colon === undefined ? '' : text
    if (!hasPlaceholders(text)) return token
    const standIn = colon === undefined ? getOwn(STAND_INS, name) : undefined
    if (standIn !== undefined) return `"${standIn}"`
    const [whole, placeholder = ''] = /^\$\{([^{}"\n]+)\}$/.exec(text) ?? []
    if (whole !== undefined && colon === undefined)
      return `"arn:aws:lambda:us-east-1:000000000000:function:${nameFor(placeholder)}"`
    const filled = text.replaceAll(PLACEHOLDER, (_, inner: string, at: number) => partFor(text.slice(0, at), inner))
    return `"${filled}"${colon ?? ''}`
  })
}

const nameFor = (placeholder: string): string => placeholder.replaceAll(/[^A-Za-z0-9]+/g, '') || 'Unknown'

function partFor(before: string, name: string): string {
  if (!/^arn:/.test(before) || before.includes('/')) return nameFor(name)
  const field = before.replaceAll(PLACEHOLDER, '').split(':').length - 1
  return ['', 'aws', nameFor(name).toLowerCase(), 'us-east-1', '000000000000'][field] ?? nameFor(name)
}

/** Whether a finding is about something that is not known yet. `json`: the definition with its placeholders, as texts. */
export function unknowns(json: string): (diagnostic: Diagnostic) => boolean {
  if (!hasPlaceholders(json)) return () => false
  const { root } = readJson(json)
  const hasUnknownTarget = /"(?:Next|StartAt|Default)"\s*:\s*"[^"]*\$\{/.test(json)
  return ({ code, message, location }) => {
    if (hasUnknownTarget && code === 'MISSING_TRANSITION_TARGET' && /not reachable/i.test(message)) return true
    if (location === undefined || location.startsWith('[')) return false
    const node = nearestPlace(root, pathOfLocation(root, location)).place?.node
    return node?.kind === 'scalar' && typeof node.value === 'string' && hasPlaceholders(node.value)
  }
}
