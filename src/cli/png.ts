/**
 * A picture as PNG, at twice its size, by a package that Regente does not bring: it is larger than all that Regente needs
 * otherwise, and few want it. It is found beside Regente or in the folder in which the command runs.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { CliError, EXIT } from './cli-error.ts'

const PACKAGE = '@resvg/resvg-js'

interface Rendering {
  render(): { asPng(): Uint8Array }
}
type Renderer = new (svg: string, options: object) => Rendering

/** Throws CliError where the package is not installed. */
export async function pngOf(svg: string): Promise<Uint8Array> {
  const Resvg = await loadRenderer([import.meta.url, join(process.cwd(), 'package.json')])
  const options = { fitTo: { mode: 'zoom', value: 2 }, font: { loadSystemFonts: true } }
  return new Resvg(svg, options).render().asPng()
}

async function loadRenderer(places: readonly string[]): Promise<Renderer> {
  for (const place of places) {
    const file = resolveFrom(place)
    if (file === undefined) continue
    const module = (await import(pathToFileURL(file).href)) as {
      readonly Resvg?: Renderer
      readonly default?: { readonly Resvg?: Renderer }
    }
    const found = module.Resvg ?? module.default?.Resvg
    if (found) return found
  }
  throw new CliError(
    `A PNG is drawn by ${PACKAGE}, which is not installed. Install it in this folder (npm install ${PACKAGE}), or take --format svg.`,
    EXIT.failed,
  )
}

function resolveFrom(place: string): string | undefined {
  try {
    return createRequire(place).resolve(PACKAGE)
  } catch {
    return undefined
  }
}
