/** A process and all that it has begun, as Linux tells them: PostgreSQL's and Patroni's lead groups of their own. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Ends them all as a machine does that loses its power. The eldest first: it would see the others die, and act on it. */
export function killTree(pid: number): void {
  for (const member of treeOf(pid)) {
    try {
      process.kill(member, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}

/** The server that works in a data folder of PostgreSQL. */
export const postmasterOf = (dataFolder: string): number =>
  Number.parseInt(readFileSync(join(dataFolder, 'postmaster.pid'), 'utf8'), 10)

/** Parents before their children. */
function treeOf(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = parentOf(name)
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const tree = [pid]
  for (const member of tree) tree.push(...(children.get(member) ?? []))
  return tree
}

function parentOf(pid: string): number | undefined {
  try {
    // The name, in brackets, may hold anything.
    const [, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return Number(parent)
  } catch {
    return undefined
  }
}
