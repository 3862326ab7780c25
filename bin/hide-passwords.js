/**
 * Hides passwords of the command line from the list of processes: `--store postgres://user:****@host/db`. The memory that holds
 * the arguments is what others see of them, and Node overwrites it with the title; `process.argv` stays as it was.
 * Plain JavaScript that an old Node understands; src/base/url-password.ts says the same for URLs elsewhere.
 */
export function hidePasswords() {
  const args = process.argv.slice(2)
  const shown = args.map((arg) =>
    arg.replace(/((?:^|\/\/|=)[^:/?#@\s]*):(?!\/\/)\S*@/g, '$1:****@').replace(/([?&](?:ssl)?password=)[^&#\s]*/gi, '$1****'),
  )
  if (shown.some((arg, index) => arg !== args[index])) process.title = ['regente', ...shown].join(' ')
}
