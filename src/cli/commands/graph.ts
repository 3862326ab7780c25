/** `regente graph FILE`: a definition as a picture. Of a template, the definition of the state machine that `--machine` names. */
import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'

import { isObject, type JsonObject } from '../../base/json.ts'

import { checkDefinition } from '../../asl/check.ts'
import { drawGraph, type Graph } from '../../asl/graph.ts'
import { dotOf } from '../../drawing/dot.ts'
import { mermaidOf } from '../../drawing/mermaid.ts'
import { svgOf } from '../../drawing/svg.ts'

import { CliError, EXIT } from '../cli-error.ts'
import { readDefinition } from '../checks.ts'
import { reasonOf } from '../definition-file.ts'
import { pngOf } from '../png.ts'

export interface GraphFlags {
  readonly format?: string
  readonly output?: string
  readonly machine?: string
}

type Format = 'svg' | 'png' | 'mermaid' | 'dot'

const DRAW: Readonly<Record<Format, (graph: Graph) => string | Promise<Uint8Array>>> = {
  svg: svgOf,
  png: (graph) => pngOf(svgOf(graph)),
  mermaid: mermaidOf,
  dot: dotOf,
}
const FORMAT_OF_ENDING: Readonly<Record<string, Format>> = { '.mmd': 'mermaid', '.gv': 'dot' }

export async function graph(file: string, flags: GraphFlags): Promise<number> {
  const format = formatOf(flags)
  const { path, definition } = await readDefinition(file, flags.machine)
  const picture = await DRAW[format](graphOf(path, definition))
  if (flags.output === undefined) process.stdout.write(picture)
  else {
    await writeFile(flags.output, picture).catch((error: unknown) => {
      throw new CliError(`${flags.output} cannot be written: ${reasonOf(error)}`, EXIT.failed)
    })
    process.stderr.write(`${flags.output} is written.\n`)
  }
  return EXIT.ok
}

/** What is said, else what the name of the output says, else SVG. */
function formatOf({ format, output = '' }: GraphFlags): Format {
  const ending = extname(output).toLowerCase()
  const wanted = format?.toLowerCase() ?? FORMAT_OF_ENDING[ending] ?? (ending === '' ? 'svg' : ending.slice(1))
  if (wanted === 'svg' || wanted === 'png' || wanted === 'mermaid' || wanted === 'dot') return wanted
  throw new CliError(
    format === undefined
      ? `${output} does not tell which picture is wanted. Say --format svg, png, mermaid or dot.`
      : `--format must be svg, png, mermaid or dot, not ${format}.`,
  )
}

/** What is half written is drawn as far as it goes; what has no states cannot be. */
function graphOf(path: string, definition: string): Graph {
  const graph = drawGraph(parse(path, definition))
  if (graph.nodes.some(({ kind }) => kind === 'state')) return graph
  const told = checkDefinition(definition, { type: 'STANDARD' })
    .filter(({ severity }) => severity === 'ERROR')
    .map(({ message, location = '/' }) => `${message} at ${location}`)
  throw new CliError(`${path} has no states to draw: ${told.join(', ')}`)
}

function parse(path: string, definition: string): JsonObject {
  try {
    const value: unknown = JSON.parse(definition)
    if (isObject(value)) return value
  } catch (error) {
    throw new CliError(`${path} is not JSON: ${reasonOf(error)}. regente validate says where.`)
  }
  throw new CliError(`${path} holds no definition: a definition is an object with StartAt and States.`)
}
