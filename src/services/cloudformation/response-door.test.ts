import { request } from 'node:http'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { linkAt } from './link.ts'
import { serveLinks } from './testing/served-links.ts'

let served: Awaited<ReturnType<typeof serveLinks>>
beforeAll(async () => {
  served = await serveLinks()
})
afterAll(() => served.close())

const ID = '00000000-0000-4000-8000-000000000001'
function openLink(id = ID, operationId = 'o') {
  const { secret } = served.links.open({ id, operationId, timeoutMs: 60_000 })
  return linkAt(served.url, { kind: 'responses', id, secret })
}
const never = new AbortController().signal

interface Put {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

function put(url: string, { method = 'PUT', headers = {}, body = '' }: Put = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = ''
      response.on('data', (piece) => (text += String(piece)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test('an answer is taken with any content type, and once', async () => {
  const url = openLink()
  expect(await put(url, { headers: { 'content-type': '' }, body: 'one' })).toEqual({ status: 200, text: '' })
  expect(await put(url, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'two' })).toMatchObject({
    status: 200,
  })
  expect(await served.links.outcomeOf(ID, never)).toEqual({ kind: 'answered', text: 'one' })
})

test('a link that is unknown, cut or over is refused as S3 does', async () => {
  const url = openLink()
  served.links.forget('o')
  for (const refused of [
    url,
    `${url}x`,
    url.replace(/\?.*/, ''),
    `${served.url}/_regente/cloudformation/responses/x?Signature=x`,
  ]) {
    const { status, text } = await put(refused, { body: '{}' })
    expect(status).toBe(403)
    expect(text).toContain('<Error><Code>AccessDenied</Code><Message>Access Denied</Message>')
  }
})

test('nothing but PUT is taken, and nothing from a page', async () => {
  const url = openLink('00000000-0000-4000-8000-000000000002')
  for (const method of ['GET', 'POST', 'DELETE']) expect((await put(url, { method })).status).toBe(405)
  expect((await put(url, { headers: { origin: served.url } })).status).toBe(403)
  expect((await put(url, { headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(403)
})

test('what is too long is taken and not kept', async () => {
  const id = '00000000-0000-4000-8000-000000000003'
  expect(await put(openLink(id), { body: 'x'.repeat(2_000_000) })).toEqual({ status: 200, text: '' })
  expect(await served.links.outcomeOf(id, never)).toEqual({ kind: 'tooLong' })
})
