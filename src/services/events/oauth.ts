/**
 * Tokens of OAuth's client credentials grant, kept until shortly before they expire.
 * Source: RFC 6749, 4.4; EventBridge user guide, "OAuth authorization for connections".
 */
import type { Clock } from '../../base/clock.ts'
import { getOwn } from '../../base/json.ts'
import { objectOf } from '../../base/json-text.ts'

import { callAws } from '../../wire/client.ts'

export interface OauthClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly endpoint: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, string>>
}

const TIMEOUT_MS = 15_000
const EARLY_MS = 30_000
const DEFAULT_LIFE_SECONDS = 300

export class OauthTokens {
  readonly #clock: Clock
  readonly #known = new Map<string, { readonly header: string; readonly until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  forget(connectionArn: string): void {
    this.#known.delete(connectionArn)
  }

  /** `Bearer …`. Rejects with the reason where the server gives none. */
  async header(connectionArn: string, client: OauthClient): Promise<string> {
    const known = this.#known.get(connectionArn)
    if (known && known.until > this.#clock.now()) return known.header
    const { token, lifeSeconds } = await fetchToken(client)
    const header = `Bearer ${token}`
    this.#known.set(connectionArn, { header, until: this.#clock.now() + lifeSeconds * 1_000 - EARLY_MS })
    return header
  }
}

async function fetchToken(client: OauthClient): Promise<{ token: string; lifeSeconds: number }> {
  if (!URL.canParse(client.endpoint)) throw new Error(`the authorization endpoint is no URL: ${client.endpoint}`)
  const url = new URL(client.endpoint)
  for (const [name, value] of Object.entries(client.query)) url.searchParams.append(name, value)
  const { clientId: client_id, clientSecret: client_secret } = client
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret, ...client.body })
  const isGet = client.method === 'GET'
  if (isGet) for (const [name, value] of form) url.searchParams.append(name, value)
  const answer = await callAws({
    endpoint: url.origin,
    path: url.pathname,
    query: url.searchParams,
    method: client.method,
    region: '',
    service: '',
    timeoutMs: TIMEOUT_MS,
    responseBytesMax: 65_536,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...client.headers },
    ...(!isGet && { body: form.toString() }),
  })
  const value = objectOf(answer.body.toString('utf8'))
  const token = value && getOwn(value, 'access_token')
  if (answer.status >= 300 || typeof token !== 'string' || !value)
    throw new Error(`the authorization endpoint answered ${answer.status} without a token`)
  const life = Number(getOwn(value, 'expires_in'))
  return { token, lifeSeconds: Number.isFinite(life) && life > 0 ? life : DEFAULT_LIFE_SECONDS }
}
