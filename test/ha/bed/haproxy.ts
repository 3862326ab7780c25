/** HAProxy in front: one port that leads to the primary database, one to whichever nodes are ready. */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

import type { Running, Workspace } from './workspace.ts'

import type { PatroniMember } from './patroni.ts'
import { HOST, until } from './workspace.ts'

const START_MS = 60_000

export interface Fronts {
  readonly nodes?: { readonly port: number; readonly servers: readonly number[] }
  readonly database?: { readonly port: number; readonly members: readonly PatroniMember[] }
}

/** Resolves when it takes connections. */
export async function startHaproxy(place: Workspace, program: string, name: string, fronts: Fronts): Promise<Running> {
  const config = place.writeFile(`${name}.cfg`, configOf(fronts))
  const running = place.start(name, program, ['-f', config, '-db'])
  const ports = [fronts.nodes?.port, fronts.database?.port].filter((port) => port !== undefined)
  await until(`${name} starts`, START_MS, async () => {
    if (running.hasEnded) throw new Error(`it has ended:\n${running.lastWords}`)
    return (await Promise.all(ports.map(isOpen))).every(Boolean)
  })
  return running
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** That for the nodes is the one that we hand out. */
const HANDED_OUT = join(import.meta.dirname, '../../../packaging/haproxy.cfg')

function configOf({ nodes, database }: Fronts): string {
  return [nodes && nodesConfig(readFileSync(HANDED_OUT, 'utf8'), nodes), database && databaseConfig(database)].join('\n')
}

function nodesConfig(text: string, { port, servers }: NonNullable<Fronts['nodes']>): string {
  const here: Readonly<Record<string, string>> = {
    ':4566': `${HOST}:${port}`,
    ...Object.fromEntries(servers.map((server, index) => [`node-${index + 1}:4566`, `${HOST}:${server}`])),
  }
  return text.replaceAll(/\S*:4566$/gm, (place) => {
    const found = here[place]
    if (found === undefined) throw new Error(`${HANDED_OUT} names ${place}, which is not of this bed`)
    return found
  })
}

/**
 * Sessions with a server that is no longer the primary end. One that is dead refuses; one that is late to say what it is, since the
 * machine is busy, is given the time.
 */
const databaseConfig = ({ port, members }: NonNullable<Fronts['database']>): string => `
listen database
  mode tcp
  bind ${HOST}:${port}
  timeout connect 2s
  timeout check 3s
  timeout client 1h
  timeout server 1h
  option httpchk GET /primary
  http-check expect status 200
  default-server check inter 500ms fastinter 200ms fall 2 rise 1 on-marked-down shutdown-sessions
${members.map(({ name, port: at, restPort }) => `  server ${name} ${HOST}:${at} check port ${restPort}`).join('\n')}
`
