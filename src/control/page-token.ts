/** Page tokens: opaque, signed, bound to one list and a day. */
import { createHmac, timingSafeEqual } from 'node:crypto'

import { assert } from '../base/assert.ts'
import type { Clock } from '../base/clock.ts'
import { isArray, type Json } from '../base/json.ts'

import { ServiceError } from './service-error.ts'

const LIFE_MS = 24 * 3_600_000

export class PageTokens {
  readonly #key: Buffer
  readonly #clock: Clock

  /** `key`: 32 secret bytes; tokens are good as long as it is the same. */
  constructor(clock: Clock, key: Buffer) {
    this.#clock = clock
    this.#key = key
  }

  /** Where the next page of `list` begins, sealed. */
  seal(list: string, from: string): string {
    const body = Buffer.from(JSON.stringify([from, this.#clock.now() + LIFE_MS])).toString('base64url')
    return `${body}.${this.#sign(list, body).toString('base64url')}`
  }

  /** Throws InvalidToken for a token that is not ours, not of this list, or too old. */
  open(list: string, token: string | undefined): string | undefined {
    if (token === undefined) return undefined
    const [body = '', signature = ''] = token.split('.')
    const given = Buffer.from(signature, 'base64url')
    const right = this.#sign(list, body)
    if (given.length !== right.length || !timingSafeEqual(given, right)) throw invalidToken()
    const sealed: Json = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'))
    assert(isArray(sealed), 'what we signed is what we sealed')
    const [from, until] = sealed
    assert(typeof from === 'string' && typeof until === 'number', 'what we signed is what we sealed')
    if (until < this.#clock.now()) throw invalidToken()
    return from
  }

  #sign(list: string, body: string): Buffer {
    return createHmac('sha256', this.#key).update(list).update('\0').update(body).digest()
  }
}

const invalidToken = () => new ServiceError('InvalidToken', "Invalid Token: 'Invalid token'")
