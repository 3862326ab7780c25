/** The folder in which a demo keeps its data: always a new one, for an earlier one may be somebody's by now. Runs on Node 20. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Made by us alone: whoever makes one at the same time gets another. Relative to `root`. */
export function makeDataFolder(root) {
  mkdirSync(join(root, '.regente'), { recursive: true })
  for (let number = 1; ; number++) {
    const folder = number === 1 ? '.regente/demo' : `.regente/demo-${number}`
    try {
      mkdirSync(join(root, folder), { mode: 0o700 })
      return folder
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
  }
}
