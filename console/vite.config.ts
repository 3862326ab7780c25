import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Assets live under a path that no bucket can have. `server` is for `npx vite console`, beside a server on 4566. */
export default defineConfig({
  base: '/_regente/console/',
  plugins: [react()],
  build: {
    target: 'es2024',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2_000,
    license: { fileName: 'licenses.md' },
  },
})
