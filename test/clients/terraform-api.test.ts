/** Terraform, unmodified, over REST APIs, one of them of an OpenAPI document, and an HTTP API; and what it made, called. */
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { useTerraform } from '../e2e/terraform.ts'
import { aws, describeWithTerraform } from '../e2e/tools.ts'
import { useServer } from '../e2e/use-server.ts'

describeWithTerraform('Terraform over API Gateway', () => {
  const server = useServer()
  const terraform = useTerraform(join(import.meta.dirname, 'terraform-api'), server)
  const invokeUrl = (id = '') => `${server.url}/_aws/execute-api/${id}`

  async function placeOrder(key: string): Promise<Response> {
    const { rest } = await terraform.outputs()
    const headers = { 'content-type': 'application/json', 'x-api-key': key }
    return fetch(`${invokeUrl(rest)}/live/orders/7`, { method: 'POST', headers, body: '{"what": "it\'s \\"tea\\""}' })
  }

  test('applies, and then has nothing more to do', async () => {
    await terraform.run('init', '-input=false', '-no-color')
    expect(await terraform.apply()).toContain('Apply complete!')
    expect(await terraform.plan()).toContain('No changes.')
  }, 600_000)

  test('a method of the REST API runs the machine, for whoever has a key', async () => {
    const { rest, key = '' } = await terraform.outputs()
    const placed = await placeOrder(key)
    expect(await placed.json()).toEqual({ id: '7', order: { what: 'it\'s "tea"' }, comment: 'one' })
    expect(placed.status).toBe(200)
    expect(placed.headers.get('x-order')).toMatch(/^[\da-f-]{36}$/)
    expect((await placeOrder('another')).status).toBe(403)
    const lost = await fetch(`${invokeUrl(rest)}/live/nowhere`)
    expect([lost.status, lost.headers.get('access-control-allow-origin')]).toEqual([404, '*'])
    expect(await lost.json()).toEqual({ message: 'Missing Authentication Token', comment: 'one' })
  }, 60_000)

  test('the document, and the HTTP API, answer', async () => {
    const { document, http = '' } = await terraform.outputs()
    expect(await (await fetch(`${invokeUrl(document)}/v1/ping`)).json()).toEqual({ pong: 'one' })
    const base = invokeUrl(/\/\/(\w+)\./.exec(http)?.[1])
    const headers = { origin: 'https://example.org' }
    const started = await fetch(`${base}/start`, { method: 'POST', headers, body: '{"a":1}' })
    expect(await started.json()).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}' })
    expect(started.headers.get('x-comment')).toBe('one')
    expect(started.headers.get('access-control-allow-origin')).toBe('https://example.org')
    expect((await fetch(`${base}/guarded`, { method: 'POST' })).status).toBe(401)
  }, 60_000)

  test('updates in place, and then has nothing more to do', async () => {
    const two = ['-var', 'comment=two']
    // Deployments alone are made anew.
    expect(await terraform.apply(...two)).toMatch(/2 added, [1-9]\d* changed, 2 destroyed/)
    expect(await terraform.plan(...two)).toContain('No changes.')
    const { document, key = '' } = await terraform.outputs()
    expect(await (await placeOrder(key)).json()).toMatchObject({ comment: 'two' })
    expect(await (await fetch(`${invokeUrl(document)}/v1/ping`)).json()).toEqual({ pong: 'two' })
  }, 600_000)

  test('destroys, and nothing is left', async () => {
    expect(await terraform.run('destroy', '-input=false', '-no-color', '-auto-approve')).toContain('Destroy complete!')
    for (const asked of ['get-rest-apis', 'get-api-keys', 'get-usage-plans'])
      expect(await aws(server.url, 'apigateway', asked), asked).toEqual({ items: [] })
    expect(await aws(server.url, 'apigatewayv2', 'get-apis')).toEqual({ Items: [] })
  }, 600_000)
})
