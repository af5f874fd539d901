import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/temporary-files.ts'],
    pool: 'forks',
    // Nothing is measured, but where that is what is tested.
    env: { VITRINE_DEVICE: 'cpu' },
    // Generous: what a test waits for says how long it may take, and the machine may be slow or busy.
    testTimeout: 240_000,
    hookTimeout: 300_000,
  },
})
