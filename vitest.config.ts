import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Vitest leaves one core free; much of the time here is spent waiting for processes and databases.
    maxWorkers: 3,
    // Every file reads most of the program: read once a worker, that is minutes less.
    isolate: false,
    // What hangs is told late; what is slow on a slow machine passes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
