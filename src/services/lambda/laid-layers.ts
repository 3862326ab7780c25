/** The files of layers, laid one over the other, later ones on top, in a folder that is made when a process first needs it. */
import { createHash } from 'node:crypto'
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Layers' folders stand beside those of functions, whose names hold no dot. */
export const LAYERS_HOME = 'layers.'

export class LaidLayers {
  readonly #root: string
  readonly #laid = new Map<string, Promise<string>>()

  /** `root`: that of all code. */
  constructor(root: string) {
    this.#root = root
  }

  /** Where what lies in these folders lies together; undefined where there are none. */
  async lay(directories: readonly string[]): Promise<string | undefined> {
    if (directories.length === 0) return undefined
    const key = createHash('sha256').update(directories.join('\n')).digest('hex').slice(0, 32)
    const laid = this.#laid.get(key) ?? layOver(directories, join(this.#root, `${LAYERS_HOME}laid`, key))
    this.#laid.set(key, laid)
    return laid.catch((error: unknown) => {
      this.#laid.delete(key)
      throw error
    })
  }
}

/** Half of it is never seen under its name. */
async function layOver(directories: readonly string[], place: string): Promise<string> {
  if ((await stat(place).catch(() => undefined))?.isDirectory() === true) return place
  const draft = `${place}.draft`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true })
  for (const directory of directories) await cp(directory, draft, { recursive: true, force: true, verbatimSymlinks: true })
  await rename(draft, place)
  return place
}
