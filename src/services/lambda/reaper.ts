/**
 * Ends processes with all that they started: the process group first, then those who left it (on Linux, found by the
 * name of their log stream in their environment, which no other process carries). A small shell beside Regente knows
 * the running groups and kills them when Regente's end of its pipe closes, so that even `kill -9` leaves no orphan; those who
 * had left a group it finds by `mark`, which is part of every log stream's name.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'

/** Lines `+ PID` and `- PID` keep the list; end of input means that Regente is gone. */
const WATCH = `trap '' INT TERM HUP
groups=' '
while read -r sign pid; do
  case $sign in
    +) groups="$groups$pid " ;;
    -) rest=' '
       for other in $groups; do [ "$other" = "$pid" ] || rest="$rest$other "; done
       groups=$rest ;;
  esac
done
for pid in $groups; do kill -s KILL -- "-$pid" 2>/dev/null; done
[ -d /proc/self ] || exit 0
for round in 1 2 3; do
  found=$(grep -l -- "]$1" /proc/[0-9]*/environ 2>/dev/null)
  [ -n "$found" ] || exit 0
  for path in $found; do pid=\${path#/proc/}; kill -s KILL "\${pid%/environ}" 2>/dev/null; done
done`

export class Reaper {
  /** Of this Regente's functions: 16 hexadecimal digits that stand behind a `]` in their environment. */
  readonly mark = randomBytes(8).toString('hex')
  readonly #watched = new Set<number>()
  #watcher: ChildProcess | undefined
  /** Whose processes the next search ends: one search for all who are killed while another is under way. */
  #wanted = new Set<string>()
  #underWay: Promise<void> | undefined
  #next: Promise<void> | undefined

  /** `pid` leads a process group from now on. */
  watch(pid: number): void {
    this.#watched.add(pid)
    this.#write(`+ ${pid}\n`)
  }

  /** Kills the group, then whoever carries `mark` in the environment. Once only: later the number may be another's. */
  async kill(pid: number, mark: string): Promise<void> {
    if (!this.#watched.delete(pid)) return
    killGroup(pid)
    this.#write(`- ${pid}\n`)
    await this.#killMarked(mark)
  }

  #killMarked(mark: string): Promise<void> {
    this.#wanted.add(mark)
    this.#next ??= (this.#underWay ?? Promise.resolve()).then(() => {
      const marks = [...this.#wanted]
      this.#wanted = new Set()
      this.#next = undefined
      this.#underWay = killMarked(marks)
      return this.#underWay
    })
    return this.#next
  }

  close(): void {
    this.#watcher?.stdin?.end()
    this.#watcher = undefined
  }

  #write(line: string): void {
    if (process.platform === 'win32') return
    this.#watcher ??= this.#startWatcher()
    this.#watcher?.stdin?.write(line)
  }

  /** Undefined for want of descriptors; the next line tries again, and tells all that there is to watch. */
  #startWatcher(): ChildProcess | undefined {
    try {
      const watcher = startWatcher(this.mark)
      watcher.once('error', () => this.#forget(watcher)).once('exit', () => this.#forget(watcher))
      for (const pid of this.#watched) watcher.stdin?.write(`+ ${pid}\n`)
      return watcher
    } catch {
      return undefined
    }
  }

  #forget(watcher: ChildProcess): void {
    if (this.#watcher === watcher) this.#watcher = undefined
  }
}

function startWatcher(mark: string): ChildProcess {
  const watcher = spawn('/bin/sh', ['-c', WATCH, 'sh', mark], { stdio: ['pipe', 'ignore', 'ignore'], detached: true, env: {} })
  watcher.stdin?.on('error', () => {})
  watcher.unref()
  if (watcher.stdin !== null && 'unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref()
  return watcher
}

function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
  } catch {
    // Gone already.
  }
}

/** Twice where there were any: what one of them started meanwhile carries the mark too. */
async function killMarked(marks: readonly string[]): Promise<void> {
  if (process.platform !== 'linux') return
  for (let round = 0; round < ROUNDS_MAX && (await killRound(marks)); round++) {}
}

const ROUNDS_MAX = 3

async function killRound(marks: readonly string[]): Promise<boolean> {
  const names = await readdir('/proc').catch(() => [])
  const others = names.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return (await Promise.all(others.map((name) => killIfMarked(name, marks)))).includes(true)
}

async function killIfMarked(name: string, marks: readonly string[]): Promise<boolean> {
  const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
  if (!marks.some((mark) => environment.includes(mark))) return false
  try {
    process.kill(Number(name), 'SIGKILL')
  } catch {
    // Gone already.
  }
  return true
}
