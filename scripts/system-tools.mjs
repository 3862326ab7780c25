/** What tests use that npm does not bring: which of it is here, and how Debian calls it. Runs on Node 20. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

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
]

/** Debian's names of what is missing. */
export const missingTools = () => TOOLS.filter((tool) => !tool.has()).map((tool) => tool.debian)

export function works(command, ...args) {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0
}
