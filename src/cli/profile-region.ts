/**
 * The region of a profile of the AWS CLI.
 * Source: AWS CLI user guide, "Configuration and credential file settings".
 */
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Undefined where the file or the profile does not say. */
export async function regionOfProfile(profile: string): Promise<string | undefined> {
  const file = process.env['AWS_CONFIG_FILE'] ?? join(homedir(), '.aws/config')
  const lines = (await readFile(file, 'utf8').catch(() => '')).split(/\r?\n/)
  let isIn = false
  for (const line of lines) {
    const [, section] = /^\s*\[\s*(?:profile\s+)?([^\]]+?)\s*\]/.exec(line) ?? []
    if (section !== undefined) isIn = section === profile
    const [, region] = /^\s*region\s*=\s*(\S+)/.exec(line) ?? []
    if (isIn && region !== undefined) return region
  }
  return undefined
}
