/**
 * Removes from node_modules what npm brings and nothing here uses: 160 MB. npm runs it after each installation in a checkout
 * (its script `dependencies`), but not where Regente is installed as a package. Runs on Node 20.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT } from './node.mjs'

const PACKAGES = join(ROOT, 'node_modules')

// What brings Node has its headers and manuals too: 68 MB.
for (const platform of entriesOf('node/node_modules'))
  for (const folder of ['include', 'share']) remove('node/node_modules', platform, folder)

// Cloudscape's code editor (62 MB) and its calendars (34 MB): the console has neither. npm wants to find their names.
for (const name of ['ace-builds', 'date-fns'])
  for (const entry of entriesOf(name)) if (entry !== 'package.json') remove(name, entry)

function entriesOf(path) {
  const folder = join(PACKAGES, path)
  return existsSync(folder) ? readdirSync(folder) : []
}

function remove(...path) {
  rmSync(join(PACKAGES, ...path), { recursive: true, force: true })
}
