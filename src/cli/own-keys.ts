/**
 * A server's secrets leave the environment of its process: what it starts, and whatever prints an environment, has them not.
 * (bin/hide-environment.js hides what the process was started with.)
 */
import type { Credentials } from '../wire/sigv4.ts'

/** The AWS keys of the environment, which holds none of them afterwards. Undefined where it has no pair of them. */
export function takeAwsCredentials(env: Record<string, string | undefined>): Credentials | undefined {
  const accessKeyId = take(env, 'AWS_ACCESS_KEY_ID')
  const secretAccessKey = take(env, 'AWS_SECRET_ACCESS_KEY')
  const sessionToken = take(env, 'AWS_SESSION_TOKEN')
  take(env, 'REGENTE_SMTP')
  take(env, 'REGENTE_STORE')
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } : undefined
}

function take(env: Record<string, string | undefined>, name: string): string | undefined {
  const value = env[name]
  delete env[name]
  return value
}
