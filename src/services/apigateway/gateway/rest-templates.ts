/**
 * What mapping templates make of a request, and the response that an answer is for.
 * Source: API Gateway developer guide, "Set up an integration request", "Set up an integration response", "Integration passthrough
 * behaviors".
 */
import { RE2JS } from 're2js'

import { isObject, type JsonObject } from '../../../base/json.ts'

import { memberObject, memberText } from '../document.ts'
import type { GatewayAnswer } from './answer.ts'
import type { BackendAnswer } from './backends.ts'
import { misconfigured, unsupportedMediaType } from './gateway-error.ts'
import { type Override, renderTemplate, type TemplateInput } from './mapping-template.ts'
import { mapResponse, templateParams } from './rest-mapping.ts'
import type { Turn } from './rest-turn.ts'

const NO_OVERRIDE: Override = { status: undefined, header: {}, querystring: {}, path: {} }

/** By the content type of the request: the template's text, or the body as it came where none is meant for it. */
export function requestBody(turn: Turn): { readonly text: string; readonly override: Override; readonly contentType: string } {
  const templates = memberObject(turn.integration, 'requestTemplates')
  const given = turn.request.headers['content-type'] ?? 'application/json'
  const type = (given.split(';', 1)[0] ?? '').trim().toLowerCase()
  const template = templateFor(templates, type)
  const body = turn.request.body.toString('utf8')
  if (template !== undefined) {
    const rendered = renderTemplate(template, templateInput(turn, body), 'requestOverride')
    return { ...rendered, contentType: 'application/json' }
  }
  const behaviour = turn.integration['passthroughBehavior'] ?? 'WHEN_NO_MATCH'
  const isPassed = behaviour === 'WHEN_NO_MATCH' || (behaviour === 'WHEN_NO_TEMPLATES' && Object.keys(templates).length === 0)
  if (!isPassed) throw unsupportedMediaType()
  return { text: body, override: NO_OVERRIDE, contentType: given }
}

function templateFor(templates: JsonObject, type: string): string | undefined {
  const found = Object.entries(templates).find(([name]) => name.toLowerCase() === type)
  return found === undefined ? undefined : String(found[1] ?? '')
}

const templateInput = (turn: Turn, body: string): TemplateInput => ({
  body,
  params: templateParams(turn.request, turn.placed.pathParameters),
  context: turn.context,
  stageVariables: turn.stage.variables,
})

/** `told` is what patterns are matched with: the status, or what a function says of its failure. */
export function respond(turn: Turn, answer: BackendAnswer, told: string): GatewayAnswer {
  const response = responseFor(turn.integration, told)
  if (!response) throw misconfigured('no response of the integration is for this answer, and none is for all others')
  const shared = { stageVariables: turn.stage.variables, context: turn.context }
  const mapped = mapResponse(memberObject(response, 'responseParameters'), answer, shared)
  const templates = memberObject(response, 'responseTemplates')
  const type = answer.headers.find(([name]) => name === 'content-type')?.[1]?.split(';', 1)[0] ?? 'application/json'
  const [first] = Object.entries(templates)
  const template = templateFor(templates, type) ?? templateFor(templates, 'application/json') ?? (first && String(first[1] ?? ''))
  const contentType = template === undefined ? type : templateTypeOf(templates, type)
  const rendered =
    template === undefined
      ? { text: undefined, override: NO_OVERRIDE }
      : renderTemplate(template, templateInput(turn, answer.body.toString('utf8')), 'responseOverride')
  const body = rendered.text === undefined ? answer.body : Buffer.from(rendered.text)
  const set = [...mapped, ...Object.entries(rendered.override.header)]
  const isTyped = set.some(([name]) => name.toLowerCase() === 'content-type')
  return {
    status: rendered.override.status ?? Number(response['statusCode']),
    headers: isTyped ? lastOfEach(set) : [['Content-Type', contentType], ...lastOfEach(set)],
    body: response['contentHandling'] === 'CONVERT_TO_BINARY' ? Buffer.from(body.toString('utf8'), 'base64') : body,
  }
}

const templateTypeOf = (templates: JsonObject, type: string): string =>
  Object.keys(templates).find((name) => name.toLowerCase() === type) ??
  (Object.hasOwn(templates, 'application/json') ? 'application/json' : (Object.keys(templates)[0] ?? type))

/** What a template sets goes before what is mapped. */
function lastOfEach(headers: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return headers.filter(
    ([name], at) => !headers.slice(at + 1).some(([later]) => later !== name && later.toLowerCase() === name.toLowerCase()),
  )
}

const PATTERN_CHARS_MAX = 1000

/** The one whose pattern is matched by all of it; else the one without. */
function responseFor(integration: JsonObject, told: string): JsonObject | undefined {
  const responses = Object.values(memberObject(integration, 'integrationResponses')).filter(isObject)
  const patterned = responses.filter((response) => (memberText(response, 'selectionPattern') ?? '') !== '')
  return (
    patterned.find((response) => matches(memberText(response, 'selectionPattern') ?? '', told)) ??
    responses.find((response) => (memberText(response, 'selectionPattern') ?? '') === '')
  )
}

export function matches(pattern: string, text: string): boolean {
  try {
    // Java's dot takes no line break, and AWS's does.
    return RE2JS.compile(pattern.slice(0, PATTERN_CHARS_MAX), RE2JS.DOTALL).testExact(text.slice(0, 10_000))
  } catch {
    return pattern === text
  }
}
