/** Hosts as requests and settings name them. */

/** Without port and brackets, in small letters. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(host)
  if (bracketed) return (bracketed[1] ?? '').toLowerCase()
  // More than one colon: an IPv6 address that stands alone.
  return (/:.*:/.test(host) ? host : host.replace(/:\d*$/, '')).toLowerCase()
}

/** True for `0.0.0.0` and `::`: whatever address the machine has is listened on. */
export const isEveryAddress = (host: string): boolean => /^(?:0\.0\.0\.0|\[?::\]?)$/.test(host)

/** True for the addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const name = hostName(host)
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(?:\.\d{1,3}){3}$/.test(name)
}
