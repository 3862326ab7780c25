/**
 * Keeps a function's process away from what is Regente's, though both run as the same user: the process gets mounts of its own,
 * in which the data folder is empty but for the function's code, read-only, and it keeps no right by which it could look into
 * Regente's process (`/proc/PID/environ`, `/proc/PID/root`). All that it starts inherits this.
 * Linux, with util-linux: root needs CAP_SYS_ADMIN (a container has it only when told), another user needs user namespaces.
 * Whether it works is tried once; where it does not, functions run as they are, and the log says so.
 * Rejected: another user for functions (its programs and live folders often lie in a home of mode 0700), Landlock (knows no
 * exceptions, so that a data folder under /tmp would cost functions their /tmp), Node's permission model (not for children).
 * Costs about 10 ms of a cold start.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { access, constants, realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, relative } from 'node:path'

import type { Log } from '../../base/log.ts'

import type { Launch } from './launch.ts'

/** What root may go on doing: files of other owners and low ports, but no mounting and no looking into other processes. */
const ROOT_KEEPS = '-all,+chown,+dac_override,+fowner,+fsetid,+setgid,+setuid,+net_bind_service'

/**
 * Arguments: the folder to hide, rights to keep, how the code folder (the working directory) is shown: `ro` or `rw` where it lies
 * in the hidden folder, else empty; the folder of its layers, which is shown too, and whether it can stand at /opt; then the
 * command. A mount that was without devices, or programs, has to stay so.
 */
const SCRIPT = `set -e
path=$PATH
PATH=/usr/sbin:/usr/bin:/sbin:/bin
code=$(pwd)
if [ -n "$4" ]; then
  exec 9<"$4"
  if [ -n "$5" ]; then mount --bind "$4" /opt && mount -o remount,bind,ro,nosuid,nodev /opt || true; fi
fi
mount -t tmpfs -o mode=755,size=64k,nosuid,nodev none "$1"
if [ -n "$3" ]; then
  mkdir -p "$code"
  mount --no-canonicalize --bind . "$code"
  mount -o "remount,bind,$3,nosuid,nodev" "$code" 2>/dev/null || mount -o "remount,bind,$3,nosuid,nodev,noexec" "$code"
fi
if [ -n "$4" ]; then
  mkdir -p "$4"
  mount --no-canonicalize --bind /proc/self/fd/9 "$4"
  mount -o remount,bind,ro,nosuid,nodev "$4" 2>/dev/null || mount -o remount,bind,ro,nosuid,nodev,noexec "$4"
  exec 9<&-
fi
mount -o remount,ro "$1"
cd "$code"
unset OLDPWD
setpriv=$(command -v setpriv)
rights=$2
PATH=$path
shift 5
exec "$setpriv" --inh-caps=-all --bounding-set="$rights" -- "$@"`

/** What of the data folder a function sees. */
interface Shown {
  readonly directory: string
  readonly optDirectory: string | undefined
  readonly isLive: boolean
}

export interface ConfinementOptions {
  /** The data folder. */
  readonly hidden: string
  readonly log: Log
}

export class Confinement {
  readonly #options: ConfinementOptions
  /** The data folder as it really lies; undefined where it cannot be hidden. */
  #hidden: Promise<string | undefined> | undefined

  constructor(options: ConfinementOptions) {
    this.#options = options
  }

  /**
   * The launch from within; the launch itself where nothing can be hidden here, or where its command is not there to be run.
   * Rejects where that cannot be found out now: nothing runs in the open for want of a descriptor.
   */
  async confine(launch: Launch, { directory, optDirectory, isLive }: Shown): Promise<Launch> {
    this.#hidden ??= this.#tryOut().catch((error: unknown) => {
      this.#hidden = undefined
      throw error
    })
    const hidden = await this.#hidden
    if (hidden === undefined || !isAbsolute(launch.command) || !(await isProgram(launch.command))) return launch
    const place = await realpath(directory).catch(() => directory)
    const shown = !isWithin(place, hidden) ? '' : isLive ? 'rw' : 'ro'
    // What tells the loader which libraries to load is for the function alone, not for the programs that shut it in.
    const variables = Object.entries(launch.environment)
    const own = variables.filter(([name]) => name.startsWith('LD_')).map(([name, value]) => `${name}=${value}`)
    return {
      ...wrap(
        hidden,
        { code: shown, opt: optDirectory, isAtOpt: canStandAtOpt(launch.command) },
        own.length > 0 ? ['/usr/bin/env', ...own, launch.command] : [launch.command],
        launch.args,
      ),
      environment: Object.fromEntries(variables.filter(([name]) => !name.startsWith('LD_'))),
    }
  }

  async #tryOut(): Promise<string | undefined> {
    if (process.platform !== 'linux') return undefined
    const hidden = await realpath(this.#options.hidden)
    const needed = [process.execPath, import.meta.dirname, tmpdir()].find((path) => isWithin(path, hidden))
    const reason = needed === undefined ? await whyNot(hidden) : `${needed} lies in it`
    if (reason === undefined) return hidden
    this.#options.log.warn('functions can reach the data folder: it cannot be hidden from them here', { reason })
    return undefined
  }
}

/** Hides the folder from a program that does nothing. What the programs say that refuse; undefined where it works. */
function whyNot(hidden: string): Promise<string | undefined> {
  const { command, args } = wrap(hidden, { code: '', opt: undefined, isAtOpt: false }, ['/bin/true'], [])
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd: import.meta.dirname, timeout: 10_000, env: {} }, (error, _, stderr) => {
      if (error === null) resolve(undefined)
      else if (typeof error.code === 'string' && error.code !== 'ENOENT') reject(error)
      else resolve(stderr.trim() || error.message)
    })
  })
}

interface Mounts {
  /** How the code is shown. */
  readonly code: '' | 'ro' | 'rw'
  readonly opt: string | undefined
  readonly isAtOpt: boolean
}

/** Not where a program that is needed lies in /opt itself. */
const canStandAtOpt = (command: string): boolean =>
  existsSync('/opt') && ![command, process.execPath, import.meta.dirname].some((path) => isWithin(path, '/opt'))

function wrap(hidden: string, { code, opt, isAtOpt }: Mounts, command: readonly string[], args: readonly string[]) {
  const isRoot = process.getuid?.() === 0
  const namespaces = ['--mount', '--propagation', 'private', ...(isRoot ? [] : ['--user', '--map-current-user', '--keep-caps'])]
  const shell = ['/bin/sh', '-c', SCRIPT, 'sh', hidden, isRoot ? ROOT_KEEPS : '-all', code, opt ?? '', isAtOpt ? '1' : '']
  return { command: UNSHARE, args: [...namespaces, '--', ...shell, ...command, ...args] }
}

const UNSHARE = ['/usr/bin/unshare', '/bin/unshare', '/usr/sbin/unshare'].find((path) => existsSync(path)) ?? 'unshare'

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return !way.startsWith('..') && !isAbsolute(way)
}
