import { resolve } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'
import { docsPlugin } from './scripts/docs-pages.ts'
import { viewActionsPlugin } from './scripts/view-actions.ts'

const root = import.meta.dirname

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      // Optional dependencies are no dependencies to it: what is large stays a package of its own.
      externalizeDeps: { include: ['h5wasm'] },
      rolldownOptions: {
        input: {
          electron: resolve(root, 'src-main/electron.ts'),
          cli: resolve(root, 'src-main/cli.ts'),
          engine: resolve(root, 'src-main/engine/main.ts'),
          media: resolve(root, 'src-main/media-process/main.ts'),
          'caption-worker': resolve(root, 'src-main/formats/captions/worker.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rolldownOptions: {
        input: { index: resolve(root, 'src-preload/index.ts') },
        // A sandboxed preload must be CommonJS.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [
      vue(),
      tailwindcss(),
      viewActionsPlugin(resolve(root, 'src-renderer/views')),
      docsPlugin(resolve(root, 'docs')),
    ],
    build: {
      outDir: 'out/renderer',
      minify: true,
      // Read from the disk of the same machine, the sentences of both languages with it.
      chunkSizeWarningLimit: 1000,
      rolldownOptions: { input: { index: resolve(root, 'src-renderer/index.html') } },
    },
  },
})
