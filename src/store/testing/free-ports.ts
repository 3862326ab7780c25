/**
 * Ports for servers that are stopped and started again: below those that the system gives to whoever connects somewhere
 * (`ip_local_port_range`), so that nobody takes one while its server is down.
 */
import { createServer } from 'node:net'

const [FIRST, COUNT] = [10_000, 22_000]
const TRIES = 100

/** Each another one. */
export async function freePorts(count: number, host = '127.0.0.1'): Promise<number[]> {
  const found = new Set<number>()
  for (let tries = 0; found.size < count; tries++) {
    if (tries > TRIES + count) throw new Error(`no ${count} ports are free`)
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (!found.has(port) && (await isFree(port, host))) found.add(port)
  }
  return [...found]
}

const isFree = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
