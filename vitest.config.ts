import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Vitest leaves one core free; much of the time here is spent waiting for processes and databases.
    maxWorkers: 3,
    // Every file reads most of the program: read once a worker, that is minutes less.
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
