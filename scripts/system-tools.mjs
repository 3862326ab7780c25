/** What tests use that node_modules does not have: which of it is here, and how Debian calls it. Runs on Node 20. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'

import { hasClientTools } from './client-tools.mjs'

const TOOLS = [
  { debian: 'awscli', has: () => works('/usr/bin/aws', '--version') || works('aws', '--version') },
  {
    debian: 'chromium',
    has: () => ['chromium', 'chromium-browser', 'google-chrome'].some((name) => existsSync(`/usr/bin/${name}`)),
  },
  { debian: 'firefox-esr', has: () => ['firefox-esr', 'firefox'].some((name) => existsSync(`/usr/bin/${name}`)) },
  {
    debian: 'python3-boto3',
    has: () => works('/usr/bin/python3', '-c', 'import boto3') || works('python3', '-c', 'import boto3'),
  },
  {
    debian: 'postgresql',
    has: () => isOnPath('initdb') || debianVersions().some((folder) => existsSync(`${folder}/bin/initdb`)),
  },
  { debian: 'patroni', has: () => isOnPath('patroni') },
  { debian: 'etcd-server', has: () => isOnPath('etcd') },
  { debian: 'haproxy', has: () => isOnPath('haproxy') },
]

/** Names of what is missing. */
export const missingTools = () => [...missingPackages(), ...(hasClientTools() ? [] : ['deploy tools'])]

/** Debian's names of what is missing of its packages. */
export const missingPackages = () => TOOLS.filter((tool) => !tool.has()).map((tool) => tool.debian)

export function works(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0
}

const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin']
const isOnPath = (program) => FOLDERS.some((folder) => existsSync(`${folder}/${program}`))

/** Debian keeps the server of each version in a folder of its own. */
function debianVersions() {
  const root = '/usr/lib/postgresql'
  return existsSync(root) ? readdirSync(root).map((version) => `${root}/${version}`) : []
}
