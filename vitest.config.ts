import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'console/src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // Threads of ours load TypeScript. Without a cache each of them strips its types anew: WebAssembly that is compiled and thrown
    // away with the thread, hundreds of times in one process (half of the time of a store's opening; V8 is known to crash of it).
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') },
    // Many tests wait for processes and timers: of two cores one would be idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
})
