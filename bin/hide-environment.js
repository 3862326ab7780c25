/**
 * Hides the environment that this process was started with from other processes of the same user: functions run as it does.
 * Linux shows in /proc/PID/environ the memory that held the environment at the start, whatever is changed or deleted later. So
 * each variable is set anew, which puts it elsewhere, and that memory is wiped. `process.env` stays as it was.
 * Elsewhere, and where the memory cannot be written, nothing happens. Plain JavaScript that an old Node understands.
 */
import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs'

export function hideEnvironment() {
  if (process.platform !== 'linux') return
  let memory
  try {
    const { start, bytes } = findEnvironment()
    memory = openSync('/proc/self/mem', 'r+')
    const block = Buffer.alloc(bytes)
    if (readSync(memory, block, 0, bytes, start) !== bytes) return
    for (const { from, to } of entriesOf(block)) {
      if (moveVariable(block.subarray(from, to))) writeSync(memory, Buffer.alloc(to - from), 0, to - from, start + from)
    }
  } catch {
    // Nothing was hidden from here on; nothing was lost either.
  } finally {
    if (memory !== undefined) closeSync(memory)
  }
}

/** Where the environment was put at the start. Source: proc(5), /proc/PID/stat, fields 50 and 51. */
function findEnvironment() {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  // The second field, the program's name, may hold anything, spaces and parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const start = Number(fields[47])
  return { start, bytes: Number(fields[48]) - start }
}

function* entriesOf(block) {
  for (let from = 0; from < block.length; ) {
    const end = block.indexOf(0, from)
    const to = end < 0 ? block.length : end
    if (to > from) yield { from, to }
    from = to + 1
  }
}

/** False where the variable must stay: it has no name, or is not text and would not come out as it was. */
function moveVariable(entry) {
  const text = entry.toString('utf8')
  const equals = text.indexOf('=')
  if (equals <= 0 || !Buffer.from(text).equals(entry)) return false
  const name = text.slice(0, equals)
  const value = process.env[name]
  delete process.env[name]
  if (value !== undefined) process.env[name] = value
  return true
}
