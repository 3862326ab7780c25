/**
 * Which pages of other origins a bucket lets in, by its CORS rules: checked when they are set, asked by browsers.
 * Source: Amazon S3 user guide, "Using cross-origin resource sharing (CORS)"; Fetch standard, "CORS protocol".
 */
import { malformedXml } from '../../wire/rest-xml.ts'
import { childrenNamed, childText, type XmlElement } from '../../wire/xml.ts'

import { invalidRequest } from './errors.ts'

export interface CorsRule {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[]
  readonly exposed: readonly string[]
  readonly maxAgeSeconds: number | undefined
}

/** What a browser tells of the page, and of what it wants. */
export interface CorsRequest {
  readonly origin: string
  readonly method: string
  /** In small letters. */
  readonly headers: readonly string[]
}

const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD']
const RULES_MAX = 100

/** Throws MalformedXML or InvalidRequest. */
export function checkCors(document: XmlElement): void {
  const rules = corsRules(document)
  if (rules.length === 0 || rules.length > RULES_MAX) throw malformedXml()
  for (const { origins, methods, headers } of rules) {
    if (origins.length === 0 || methods.length === 0) throw malformedXml()
    const method = methods.find((one) => !METHODS.includes(one))
    if (method !== undefined)
      throw invalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`)
    const origin = origins.find(hasTwoStars)
    if (origin !== undefined) throw invalidRequest(`AllowedOrigin "${origin}" can not have more than one wildcard.`)
    const header = headers.find(hasTwoStars)
    if (header !== undefined) throw invalidRequest(`AllowedHeader "${header}" can not have more than one wildcard.`)
  }
}

const hasTwoStars = (text: string): boolean => text.split('*').length > 2

export function corsRules(document: XmlElement): readonly CorsRule[] {
  return childrenNamed(document, 'CORSRule').map((rule) => {
    const texts = (name: string) => childrenNamed(rule, name).map(({ text }) => text.trim())
    const maxAge = Number(childText(rule, 'MaxAgeSeconds') ?? Number.NaN)
    return {
      origins: texts('AllowedOrigin'),
      methods: texts('AllowedMethod'),
      headers: texts('AllowedHeader').map((name) => name.toLowerCase()),
      exposed: texts('ExposeHeader'),
      maxAgeSeconds: Number.isInteger(maxAge) ? maxAge : undefined,
    }
  })
}

/** The first rule that lets the request in. */
export const ruleFor = (rules: readonly CorsRule[], { origin, method, headers }: CorsRequest): CorsRule | undefined =>
  rules.find(
    (rule) =>
      rule.methods.includes(method) &&
      rule.origins.some((pattern) => matches(pattern, origin)) &&
      headers.every((name) => rule.headers.some((pattern) => matches(pattern, name))),
  )

function matches(pattern: string, text: string): boolean {
  const [front = '', back] = pattern.split('*')
  if (back === undefined) return pattern === text
  return text.length >= front.length + back.length && text.startsWith(front) && text.endsWith(back)
}

/** What the answer tells the browser. A page is named only where the rule does not let everybody in. */
export function corsHeaders(rule: CorsRule, { origin }: CorsRequest): Readonly<Record<string, string | undefined>> {
  const isForAll = rule.origins.includes('*')
  return {
    'access-control-allow-origin': isForAll ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    'access-control-allow-credentials': isForAll ? undefined : 'true',
    'access-control-expose-headers': rule.exposed.length === 0 ? undefined : rule.exposed.join(', '),
    'access-control-max-age': rule.maxAgeSeconds?.toString(),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  }
}
