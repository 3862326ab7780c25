/**
 * Hostile pages in real browsers, before real servers: nothing is done and nothing can be read, under whatever name the machine
 * answers to. One server listens as by default; another one on all addresses, so that every name reaches it.
 */
import { hostname, networkInterfaces } from 'node:os'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { deferred } from '../../src/base/deferred.ts'

import { makeDataDirectory, removeDataDirectory, type RunningServer, startServer } from '../e2e/server.ts'
import { type Attacker, openAttacker } from './door/attacker.ts'
import { BROWSERS, type RealBrowser } from './door/browsers.ts'
import { prepare, stateOf } from './door/victim.ts'

const lan = Object.values(networkInterfaces())
  .flatMap((entries) => entries ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
/** Those under which a server on 127.0.0.1 is reached; the others reach one that listens on all addresses. */
const NEAR = [
  '127.0.0.1',
  'localhost',
  'foo.localhost',
  '0.0.0.0',
  '[::ffff:127.0.0.1]',
  'rebound.test',
  hostname(),
  `${hostname()}.local`,
]
const FAR = ['[::1]', '127.0.0.2', ...(lan === undefined ? [] : [lan])]
const basesOf = ({ url }: RunningServer, hosts: readonly string[]) => hosts.map((host) => `http://${host}:${new URL(url).port}`)

const opened: { readonly server: RunningServer; readonly directory: string }[] = []
async function open(flags: readonly string[] = [], port = 0): Promise<RunningServer> {
  const directory = await makeDataDirectory()
  const server = await startServer(directory, flags, port)
  opened.push({ server, directory })
  await prepare(server.url)
  return server
}
const attackers: Attacker[] = []
async function attackerOf(...of: Parameters<typeof openAttacker>): Promise<Attacker> {
  const attacker = await openAttacker(...of)
  attackers.push(attacker)
  return attacker
}
afterAll(async () => {
  for (const attacker of attackers) await attacker.leave()
  for (const { server, directory } of opened) {
    await server.stop()
    await removeDataDirectory(directory)
  }
}, 60_000)

const isMissing = ({ path }: RealBrowser) => path === undefined && process.env['CI'] === undefined

describe.each(BROWSERS.map((browser) => [browser.name, browser] as const))('in %s', (_, browser) => {
  const name = isMissing(browser) ? `a page (skipped: ${browser.name} is not installed; npm run setup:system)` : 'a page'
  // Of dozens of requests that a browser is to give up by itself one may hang.
  describe.skipIf(isMissing(browser))(name, { retry: 1 }, () => {
    let near: RunningServer
    let far: RunningServer
    beforeAll(async () => {
      near = await open()
      far = await open(['--host', '::', '--insecure'])
    }, 60_000)
    const bases = () => [...basesOf(near, NEAR), ...basesOf(far, [...NEAR, ...FAR])]
    const states = () => Promise.all([near, far].map(({ url }) => stateOf(url)))

    test.each([
      ['of a site of the web', 'evil.test', true],
      ['of another port of this machine', 'localhost', false],
    ])('%s does nothing and reads nothing', { timeout: 120_000 }, async (_, host, isPublic) => {
      const before = await states()
      const attacker = await attackerOf({ bases, tag: 'a' })
      const url = `http://${host}:${attacker.port}/`
      await browser.visit({ url, until: attacker.seen, ...(isPublic && { publicPort: attacker.port }) })
      expect(await attacker.seen).toEqual([])
      expect(await states()).toEqual(before)
    })

    test('of a name that is rebound to us does nothing and reads nothing', { timeout: 120_000 }, async () => {
      const ready = deferred<void>()
      const collector = await attackerOf({ tag: '' }, ready.promise)
      const bait = await attackerOf({ tag: 'r', reportTo: `http://evil.test:${collector.port}` })
      const visited = browser.visit({ url: `http://rebound.test:${bait.port}/`, until: collector.seen })
      await Promise.race([bait.arrived, visited])
      await bait.leave()
      const server = await open([], bait.port)
      const before = await stateOf(server.url)
      ready.resolve()
      await visited
      expect(await collector.seen).toEqual([])
      expect(await stateOf(server.url)).toEqual(before)
    })

    test('that the settings name does all of it: the attacks are no blanks', { timeout: 120_000 }, async () => {
      let url = ''
      const attacker = await attackerOf({ bases: () => [url], tag: 'n' })
      const origin = `http://127.0.0.1:${attacker.port}`
      url = (await open(['--allowed-origins', origin])).url
      const posts = ['no-cors-text', 'no-cors-none', 'cors-text', 'cors-json', 'keepalive', 'beacon-text']
      const ways = [...posts, 'frame-text', 'popup-text'].map((way) => `n0-${way}`)
      // A popup loads beside the page, and may be the last to act: the browser stays open for it.
      const poll = { timeout: 60_000, interval: 200 }
      const acted = attacker.seen.then(() =>
        expect.poll(async () => (await stateOf(url)).functions, poll).toEqual(expect.arrayContaining(ways)),
      )
      await browser.visit({ url: origin, until: acted })
      const seen = await attacker.seen
      for (const what of ['cors-json', 'cors-target', 'read /victim/object.txt: a secret', 'EventSource: is open'])
        expect(seen.join('\n')).toContain(what)
      const { queues, machines, objects } = await stateOf(url)
      const forms = ['no-cors-form', 'signed', 'beacon-form', 'beacon-parts', 'frame-form', 'frame-signature', 'popup-form']
      expect(queues).toEqual(expect.arrayContaining(forms.map((way) => `n0-${way}`)))
      expect(machines).toEqual(['n0-cors-target'])
      expect(objects).not.toContain('object.txt')
    })
  })
})
