/** Code for a function whose own is not there: it says so when it is called, and does not hold up the rest of the stack. */
import { zipEntries } from './zip.ts'

const TYPE = 'Runtime.CodeNotFound'

export function stubZip(runtime: string, handler: string, message: string): Promise<Buffer> {
  const dot = handler.lastIndexOf('.')
  const [module, name] = dot < 0 ? ['index', 'handler'] : [handler.slice(0, dot), handler.slice(dot + 1)]
  const text = JSON.stringify(message)
  if (runtime.startsWith('nodejs')) {
    const thrown = `Object.assign(new Error(${text}), { name: '${TYPE}' })`
    return pack(`${module}.js`, `exports[${JSON.stringify(name)}] = async () => { throw ${thrown} }\n`)
  }
  if (runtime.startsWith('python')) {
    const raising = `    error = type('${TYPE}', (Exception,), {})\n    raise error(${text})\n`
    return pack(`${module.replaceAll('.', '/')}.py`, `def ${name}(event, context):\n${raising}`)
  }
  return pack('NOT-FOUND.txt', `${message}\n`)
}

const pack = (name: string, code: string): Promise<Buffer> => zipEntries([{ name, data: Buffer.from(code) }])
