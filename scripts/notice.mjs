/**
 * Writes NOTICE: whose work is part of what is handed on. What the console is built of stands in dist/console/licenses.md,
 * which the build writes with every licence's text; what npm installs beside us stands in package-lock.json. Runs on Node 20.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from './node.mjs'

/** Packages whose licences ask for more than their text, and what they ask for. */
const ASKED = {
  elkjs: 'Under EPL-2.0, unchanged. Its source code is at https://github.com/kieler/elkjs, under the same licence.',
}

/** The text of NOTICE. Throws where the console is not built. */
export function noticeText() {
  return `Regente
Copyright The Regente authors

Licensed under the Apache License, Version 2.0 (LICENSE).

The console (dist/console) is built of the packages below; the text of each licence is in dist/console/licenses.md.

${bundled().map(lineOf).join('\n')}

npm installs these beside Regente, each with its own licence:

${installed().map(lineOf).join('\n')}
`
}

const lineOf = ({ name, license }) => [`- ${name} (${license})`, ...remarks(name).map((remark) => `  ${remark}`)].join('\n')

function bundled() {
  const path = join(ROOT, 'dist/console/licenses.md')
  if (!existsSync(path)) throw new Error('The console is not built: npm run build')
  const heads = readFileSync(path, 'utf8').matchAll(/^## (\S+) - \S+ \((.+)\)$/gm)
  return sorted([...heads].map(([, name, license]) => ({ name, license })))
}

function installed() {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const ours = Object.entries(packages).filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  const named = ours.map(([path, { license = 'no licence told' }]) => ({ name: path.split('node_modules/').at(-1), license }))
  return sorted([...new Map(named.map((item) => [`${item.name} ${item.license}`, item])).values()])
}

const sorted = (items) => items.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))

/** What a package's own NOTICE says, and what its licence asks for. */
function remarks(name) {
  const folder = join(ROOT, 'node_modules', name)
  const notice = existsSync(folder) ? readdirSync(folder).find((file) => file === 'NOTICE') : undefined
  const lines = notice === undefined ? [] : readFileSync(join(folder, notice), 'utf8').trim().split('\n')
  return [...lines.map((line) => line.trim()), ...(ASKED[name] === undefined ? [] : [ASKED[name]])]
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(ROOT, 'NOTICE'), noticeText())
