#!/usr/bin/env node
// Node reads TypeScript by itself from 22.18; before that tsx does it.
if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api')
  register()
}
await import('../src/cli/main.ts')
