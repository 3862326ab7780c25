/** Why a server cannot start, in words for whoever started it: what is wrong and how to mend it. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
